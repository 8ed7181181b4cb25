"""Holds the vectors beside this file with nothing of the project: canonical bytes, digests and node hashes in CPython alone.

    python3 anrf/testdata/vectors/check.py

For each vector: the module's JSON encodes to its bytes; the bytes decode and encode to themselves; numbering the module
again, and numbering its scrambled form, gives the same bytes; SHA-256 gives the digest; every node has its hash. Written
from the description of the format, not from the program that made the vectors. Needs CPython 3.11.
"""

import hashlib
import json
import struct
import sys
from pathlib import Path

# ---- the format: message -> field -> (number, kind, how) -------------------------------------------------------------
# Kinds: u (varint), s (zigzag), b (bool), d (double), t (text), another message. How: one, many, maybe (present or not).


def fields(text):
    """`name:number:kind[how]` with * for many and ? for maybe or an arm of a choice."""
    found = {}
    for part in text.split():
        name, number, kind = part.split(":")
        how = {"*": "many", "?": "maybe"}.get(kind[-1], "one")
        found[name] = (int(number), kind.rstrip("*?"), how)
    return found


SCHEMA = {
    name: fields(text)
    for name, text in {
        "Module": "entry:1:u types:2:TypeDef* records:3:RecordDef* variants:4:VariantDef* functions:5:FunctionDef* extensions:6:ExtensionImport*",
        "TypeDef": "scalar:1:u? listOf:2:u? optionOf:3:u? mapOf:4:MapType? tupleOf:5:TupleType? functionOf:6:SignatureType? recordRef:7:u? variantRef:8:u?",
        "MapType": "key:1:u value:2:u",
        "TupleType": "elements:1:u*",
        "SignatureType": "params:1:u* result:2:u",
        "RecordDef": "name:1:t fields:2:FieldDef*",
        "FieldDef": "name:1:t type:2:u",
        "VariantDef": "name:1:t cases:2:CaseDef*",
        "CaseDef": "name:1:t payload:2:u*",
        "FunctionDef": "name:1:t paramCount:2:u resultType:3:u locals:4:LocalDef* nodes:5:Node* body:6:u requires:7:Clause* ensures:8:Clause* resultLocal:9:u? decreases:10:u?",
        "LocalDef": "type:1:u",
        "Clause": "root:1:u label:2:t",
        "ExtensionImport": "name:1:t urn:2:t version:3:t params:4:u* result:5:u",
        "Node": "type:1:u literal:2:Literal? localRef:3:LocalRef? letIn:4:LetIn? branch:5:Branch? matchOn:6:MatchOn? lambdaExpr:7:LambdaExpr? builtinCall:8:BuiltinCall? valueCall:9:ValueCall? functionCall:10:FunctionCall? makeList:11:Items? makeMap:12:Items? makeTuple:13:Items? makeRecord:14:Items? makeVariant:15:MakeVariant? makeOption:16:MakeOption? getField:17:GetField? loopWhile:18:LoopWhile? failWith:19:FailWith? hole:20:Hole? extensionCall:21:ExtensionCall?",
        "Literal": "unit:1:b? bool:2:b? int:3:s? float:4:d? string:5:t? decimal:6:DecimalValue? days:7:s?",
        "DecimalValue": "coefficient:1:s scale:2:u",
        "LocalRef": "local:1:u",
        "LetIn": "local:1:u value:2:u body:3:u",
        "Branch": "condition:1:u whenTrue:2:u whenFalse:3:u",
        "MatchOn": "subject:1:u arms:2:MatchArm*",
        "MatchArm": "pattern:1:Pattern? binders:2:u* body:3:u",
        "Pattern": "variantCase:1:u? optionSome:2:b? literal:3:Literal? wildcard:4:b?",
        "LambdaExpr": "params:1:u* body:2:u",
        "BuiltinCall": "builtin:1:u args:2:u*",
        "ValueCall": "callee:1:u args:2:u*",
        "FunctionCall": "function:1:u args:2:u*",
        "Items": "items:1:u*",
        "MakeVariant": "caseIndex:1:u args:2:u*",
        "MakeOption": "some:1:u?",
        "GetField": "target:1:u field:2:u",
        "LoopWhile": "state:1:u init:2:u condition:3:u step:4:u invariants:5:u* decreases:6:u?",
        "FailWith": "message:1:t",
        "Hole": "goal:1:t",
        "ExtensionCall": "extension:1:u args:2:u*",
    }.items()
}
SCALARS = ["UNIT", "BOOL", "INT", "FLOAT", "STRING", "DECIMAL", "DATE"]
EMPTY = {"u": 0, "s": 0, "b": False, "d": 0.0, "t": ""}
NAN = bytes.fromhex("000000000000f87f")

# ---- the wire ----------------------------------------------------------------------------------------------------------


def varint(n):
    n &= 2**64 - 1
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def scalar_bytes(kind, value):
    if kind == "d":
        return NAN if value != value else struct.pack("<d", value)
    return varint(value << 1 ^ value >> 63 if kind == "s" else int(value))


def encode(name, message):
    """Fields ascending, defaults left out except where they are present, numbers packed."""
    out = bytearray()
    for field, (number, kind, how) in sorted(SCHEMA[name].items(), key=lambda one: one[1][0]):
        value = message.get(field)
        if value is None or (how == "many" and value == []):
            continue
        if how == "many" and kind in EMPTY:
            packed = b"".join(scalar_bytes(kind, one) for one in value)
            out += varint(number << 3 | 2) + varint(len(packed)) + packed
            continue
        for one in value if how == "many" else [value]:
            if how == "one" and kind in EMPTY and one == EMPTY[kind]:
                continue
            if kind == "t" or kind not in EMPTY:
                body = one.encode() if kind == "t" else encode(kind, one)
                out += varint(number << 3 | 2) + varint(len(body)) + body
            else:
                out += varint(number << 3 | (1 if kind == "d" else 0)) + scalar_bytes(kind, one)
    return bytes(out)


def read_varint(data, at):
    shift = value = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def from_wire(kind, raw):
    if kind == "s":
        return raw >> 1 ^ -(raw & 1)
    return bool(raw) if kind == "b" else raw


def decode(name, data):
    by_number = {number: (field, kind, how) for field, (number, kind, how) in SCHEMA[name].items()}
    message, at = {}, 0
    while at < len(data):
        tag, at = read_varint(data, at)
        field, kind, how = by_number[tag >> 3]
        if tag & 7 == 0:
            raw, at = read_varint(data, at)
            message[field] = from_wire(kind, raw)
        elif tag & 7 == 1:
            message[field] = struct.unpack("<d", data[at : at + 8])[0]
            at += 8
        else:
            size, at = read_varint(data, at)
            body, at = data[at : at + size], at + size
            if kind in ("u", "s", "b"):
                inner = 0
                while inner < len(body):
                    raw, inner = read_varint(body, inner)
                    message.setdefault(field, []).append(from_wire(kind, raw))
                continue
            value = body.decode() if kind == "t" else decode(kind, body)
            if how == "many":
                message.setdefault(field, []).append(value)
            else:
                message[field] = value
    return message


# ---- JSON of protobuf --------------------------------------------------------------------------------------------------


def from_json(name, data, builtins):
    message = {}
    for field, value in data.items():
        _, kind, how = SCHEMA[name][field]
        read = lambda one: scalar_from_json(kind, one, builtins) if kind in EMPTY else from_json(kind, one, builtins)
        message[field] = [read(one) for one in value] if how == "many" else read(value)
    return message


def scalar_from_json(kind, value, builtins):
    if kind == "d":
        return float(value)
    if kind == "t" or kind == "b":
        return value
    if isinstance(value, str) and value.startswith("SCALAR_KIND_"):
        return SCALARS.index(value.removeprefix("SCALAR_KIND_")) + 1
    if isinstance(value, str) and value.startswith("BUILTIN_"):
        return builtins[value]
    return int(value)


# ---- canonical numbering -----------------------------------------------------------------------------------------------
# One traversal from the entry. Everything has the number of its first use; what is not reached is left out.

OPERANDS = {
    "letIn": ["value", "!local", "body"],
    "branch": ["condition", "whenTrue", "whenFalse"],
    "lambdaExpr": ["!params", "body"],
    "builtinCall": ["args"],
    "valueCall": ["callee", "args"],
    "functionCall": ["args"],
    "makeList": ["items"],
    "makeMap": ["items"],
    "makeTuple": ["items"],
    "makeRecord": ["items"],
    "makeVariant": ["args"],
    "makeOption": ["some"],
    "getField": ["target"],
    "loopWhile": ["init", "!state", "condition", "step", "invariants", "decreases"],
    "extensionCall": ["args"],
}


def kind_of(node):
    return next(field for field in node if field != "type")


def steps(node):
    """("node", holder, field, index) or ("bind", holder, field, index), in order of evaluation and scope."""
    kind = kind_of(node)
    payload = node[kind]
    if kind == "matchOn":
        yield "node", payload, "subject", None
        for arm in payload.get("arms", []):
            yield from (("bind", arm, "binders", i) for i in range(len(arm.get("binders", []))))
            yield "node", arm, "body", None
        return
    for field in OPERANDS.get(kind, []):
        what, field = ("bind", field[1:]) if field[0] == "!" else ("node", field)
        optional = (kind, field) in (("makeOption", "some"), ("loopWhile", "decreases"))
        many = field in ("args", "items", "params", "invariants")
        if many:
            yield from ((what, payload, field, i) for i in range(len(payload.get(field, []))))
        elif not optional or field in payload:
            yield what, payload, field, None


def get(holder, field, index):
    return holder[field][index] if index is not None else holder.get(field, 0)


def put(holder, field, index, value):
    if index is None:
        holder[field] = value
    else:
        holder[field][index] = value


def deep(value):
    if isinstance(value, dict):
        return {key: deep(part) for key, part in value.items()}
    return [deep(part) for part in value] if isinstance(value, list) else value


class Numbering:
    def __init__(self, module):
        self.old = module
        self.new = {"entry": 0, "types": [], "records": [], "variants": [], "functions": [], "extensions": []}
        self.types, self.records, self.variants, self.functions, self.extensions = {}, {}, {}, {}, {}
        self.waiting = []

    def run(self):
        self.function(self.old.get("entry", 0))
        while self.waiting:
            self.new["functions"].append(self.renumbered(self.old["functions"][self.waiting.pop(0)]))
        for index in self.records:
            record = deep(self.old["records"][index])
            for field in record.get("fields", []):
                field["type"] = self.types[field.get("type", 0)]
            self.new["records"].append(record)
        for index in self.variants:
            variant = deep(self.old["variants"][index])
            for case in variant.get("cases", []):
                case["payload"] = [self.types[one] for one in case.get("payload", [])]
            self.new["variants"].append(variant)
        return self.new

    def function(self, index):
        if index not in self.functions:
            self.functions[index] = len(self.functions)
            self.waiting.append(index)
        return self.functions[index]

    def extension(self, index):
        if index not in self.extensions:
            made = deep(self.old["extensions"][index])
            made["params"] = [self.type(one) for one in made.get("params", [])]
            made["result"] = self.type(made.get("result", 0))
            self.extensions[index] = len(self.extensions)
            self.new["extensions"].append(made)
        return self.extensions[index]

    def type(self, index):
        """Parts before the type; what a name declares right after its first reference."""
        if index in self.types:
            return self.types[index]
        made = deep(self.old["types"][index])
        kind, value = next(iter(made.items()))
        declared = []
        if kind in ("listOf", "optionOf"):
            made[kind] = self.type(value)
        elif kind == "mapOf":
            made[kind] = {"key": self.type(value.get("key", 0)), "value": self.type(value.get("value", 0))}
        elif kind == "tupleOf":
            made[kind] = {"elements": [self.type(one) for one in value.get("elements", [])]}
        elif kind == "functionOf":
            params = [self.type(one) for one in value.get("params", [])]
            made[kind] = {"params": params, "result": self.type(value.get("result", 0))}
        elif kind == "recordRef":
            made[kind] = self.records.setdefault(value, len(self.records))
            declared = [field.get("type", 0) for field in self.old["records"][value].get("fields", [])]
        elif kind == "variantRef":
            made[kind] = self.variants.setdefault(value, len(self.variants))
            cases = self.old["variants"][value].get("cases", [])
            declared = [one for case in cases for one in case.get("payload", [])]
        self.types[index] = len(self.new["types"])
        self.new["types"].append(made)
        for one in declared:
            self.type(one)
        return self.types[index]

    def renumbered(self, fn):
        made = {"name": fn.get("name", ""), "paramCount": fn.get("paramCount", 0), "locals": [], "nodes": []}
        locals_ = {}

        def local(index):
            if index not in locals_:
                locals_[index] = len(locals_)
                made["locals"].append({"type": self.type(fn["locals"][index].get("type", 0))})
            return locals_[index]

        def walk(index):
            node = deep(fn["nodes"][index])
            kind = kind_of(node)
            for what, holder, field, at in list(steps(node)):
                old = get(holder, field, at)
                put(holder, field, at, local(old) if what == "bind" else walk(old))
            payload = node[kind]
            if kind == "localRef":
                payload["local"] = local(payload.get("local", 0))
            elif kind == "functionCall":
                payload["function"] = self.function(payload.get("function", 0))
            elif kind == "extensionCall":
                payload["extension"] = self.extension(payload.get("extension", 0))
            node["type"] = self.type(node.get("type", 0))
            made["nodes"].append(node)
            return len(made["nodes"]) - 1

        for index in range(made["paramCount"]):
            local(index)
        made["resultType"] = self.type(fn.get("resultType", 0))
        result = fn.get("resultLocal")
        used = any(kind_of(n) == "localRef" and n["localRef"].get("local", 0) == result for n in fn.get("nodes", []))
        if result is not None and used:
            made["resultLocal"] = local(result)
        for field in ("requires", "ensures"):
            made[field] = [{**one, "root": walk(one.get("root", 0))} for one in fn.get(field, [])]
        if "decreases" in fn:
            made["decreases"] = walk(fn["decreases"])
        made["body"] = walk(fn.get("body", 0))
        return made


def canonical(module):
    return encode("Module", Numbering(module).run())


# ---- digests -----------------------------------------------------------------------------------------------------------


def hashed(domain, data):
    return hashlib.sha256(f"anrf.v1.{domain}\0".encode() + data).hexdigest()


def node_hash(module, function, root):
    """The sub-tree as a function of its own: free locals become parameters, callees stand by their headers."""
    fn = module["functions"][function]
    free, bound = [], set()

    def binders(index):
        for what, holder, field, at in steps(fn["nodes"][index]):
            target = get(holder, field, at)
            if what == "bind":
                bound.add(target)
            else:
                binders(target)

    def uses(index):
        node = fn["nodes"][index]
        for what, holder, field, at in steps(node):
            if what == "node":
                uses(get(holder, field, at))
        if kind_of(node) == "localRef":
            local = node["localRef"].get("local", 0)
            if local not in bound and local not in free:
                free.append(local)

    binders(root)
    uses(root)
    order = [*free, *sorted(bound)]
    moved = {old: new for new, old in enumerate(order)}
    nodes = deep(fn["nodes"])
    for node in nodes:
        for what, holder, field, at in list(steps(node)):
            if what == "bind":
                put(holder, field, at, moved.get(get(holder, field, at), 0))
        kind = kind_of(node)
        if kind == "localRef":
            node[kind]["local"] = moved.get(node[kind].get("local", 0), 0)
        if kind == "functionCall":
            node[kind]["function"] = node[kind].get("function", 0) + 1
    alone = {
        "paramCount": len(free),
        "locals": [fn["locals"][old] for old in order],
        "resultType": fn["nodes"][root].get("type", 0),
        "nodes": nodes,
        "body": root,
    }
    headers = [
        {
            "name": one.get("name", ""),
            "paramCount": one.get("paramCount", 0),
            "resultType": one.get("resultType", 0),
            "locals": one.get("locals", [])[: one.get("paramCount", 0)],
            "nodes": [{"type": one.get("resultType", 0), "hole": {}}],
        }
        for one in module["functions"]
    ]
    whole = Numbering({**module, "entry": 0, "functions": [alone, *headers]}).run()
    for callee in whole["functions"][1:]:
        callee["nodes"], callee["body"] = [], 0
    return hashed("Node", encode("Module", whole))


# ---- the vectors -------------------------------------------------------------------------------------------------------


def problems(vector, builtins):
    data = bytes.fromhex(vector["hex"])
    if encode("Module", from_json("Module", vector["module"], builtins)) != data:
        yield "the JSON encodes to other bytes"
    module = decode("Module", data)
    if encode("Module", module) != data:
        yield "the bytes decode and encode to others"
    if canonical(module) != data:
        yield "the numbering is not canonical"
    if "scrambled" in vector and canonical(decode("Module", bytes.fromhex(vector["scrambled"]))) != data:
        yield "the scrambled form is numbered otherwise"
    if f"anrf1:{hashed('Module', data)}" != vector["digest"]:
        yield "another digest"
    for function, hashes in enumerate(vector["nodes"]):
        for node, expected in enumerate(hashes):
            if node_hash(module, function, node) != expected:
                yield f"node {node} of function {function} has another hash"


def main():
    sys.setrecursionlimit(20_000)
    folder = Path(__file__).resolve().parent
    builtins = json.loads((folder / "builtins.json").read_text(encoding="utf8"))
    vectors = json.loads((folder / "vectors.json").read_text(encoding="utf8"))
    failed = [f"{one['name']}: {problem}" for one in vectors for problem in problems(one, builtins)]
    for line in failed:
        print(line)
    nodes = sum(len(hashes) for one in vectors for hashes in one["nodes"])
    print(f"{len(vectors)} vectors, {nodes} nodes, {len(failed)} problems")
    return 1 if failed else 0


sys.exit(main())
