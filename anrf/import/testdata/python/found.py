# case: else_inside_branch
def else_inside_branch(xs: list[int], flag: bool) -> list[int]:
    if flag:
        for x in xs:
            if x > x:
                break
        else:
            xs = list(reversed(xs[::2]))
    return xs


# case: loop_after_else
def loop_after_else(text: str, xs: list[int]) -> str:
    if text == "ab":
        text += "x"
    elif 5 not in xs:
        for c in text:
            break
        else:
            xs = [1]
        for i in range(2):
            text += str(i)
    return text + str(len(xs))


# case: while_else_inside_branch
def while_else_inside_branch(n: int) -> int:
    total = 0
    if n > 2:
        k = 0
        while k < n % 5:
            k += 1
            if k == 3:
                break
        else:
            total += 10
        total += k
    return total


# case: plain_dict_of_counter
from collections import Counter

def plain_dict_of_counter(text: str, key: str) -> int:
    counts = dict(Counter(text))
    return counts[key]


# case: words_by_two_names
def words_by_two_names(text: str, n: int) -> list[str]:
    words = text.split()
    other = ["q"]
    chosen = words if n > 0 else other
    chosen.append("new")
    return words


# case: matches_by_two_names
import re

def matches_by_two_names(text: str) -> list[str]:
    found = re.findall(r"[a-z]+", text)
    for c in "ab":
        more = [c]
        chosen = found if c in text else more
        chosen.append(c)
    return found


# case: raise_without_use
def raise_without_use(n: int, text: str) -> int:
    for i in [n, 5]:
        if text == "a":
            continue
        elif i > 3:
            text += "b"
        else:
            if n == i:
                raise ValueError("no")
    return 1


# case: index_without_use
def index_without_use(xs: list[int], n: int) -> int:
    for i in range(3):
        y = xs[i]
    return n


# case: guarded_by_or
def guarded_by_or(xs: list[int]) -> list[int]:
    out: list[int] = []
    for i in range(len(xs) - 1, -1, -1):
        if not out or xs[i] > out[-1]:
            out.append(xs[i])
    return out


# case: recursion_of_lists
def recursion_of_lists(xs: list[int]) -> list[list[int]]:
    if not xs:
        return [[]]
    rest = recursion_of_lists(xs[1:4])
    return rest + [[xs[0]] + s for s in rest]


# case: zeros_with_a_sign
def zeros_with_a_sign(x: float) -> list[str]:
    return [str(x // 2.0), str((0.0 / -1.25) // -3.0), str(-0.0 // 5.0), str(x % 1.0), str(0.0 * -1.0)]


# case: always_raises_in_else
def always_raises_in_else(xs: list[int], text: str) -> list[str]:
    words = [text]
    if len(xs) > 2:
        words = [text + "x"]
    else:
        for i in range(8):
            raise ValueError("no")
    return words[:2]
