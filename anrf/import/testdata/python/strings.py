# case: is_palindrome
def is_palindrome(text: str) -> bool:
    cleaned = [c.lower() for c in text if c.isalnum()]
    return cleaned == cleaned[::-1]


# case: count_vowels
def count_vowels(text: str) -> int:
    count = 0
    for c in text.lower():
        if c in "aeiou":
            count += 1
    return count


# case: caesar
def caesar(text: str, shift: int) -> str:
    out = []
    for c in text:
        if "a" <= c <= "z":
            out.append(chr((ord(c) - ord("a") + shift) % 26 + ord("a")))
        elif "A" <= c <= "Z":
            out.append(chr((ord(c) - 65 + shift) % 26 + 65))
        else:
            out.append(c)
    return "".join(out)


# case: run_lengths
def run_lengths(text: str) -> str:
    if not text:
        return ""
    result = ""
    previous = text[0]
    count = 1
    for c in text[1:]:
        if c == previous:
            count += 1
        else:
            result += previous + str(count)
            previous = c
            count = 1
    return result + previous + str(count)


# case: first_repeated
def first_repeated(text: str) -> str:
    seen = set()
    for c in text:
        if c in seen:
            return c
        seen.add(c)
    return ""


# case: initials
def initials(name: str) -> str:
    return "".join(part[0].upper() + "." for part in name.split())


# case: title_words
def title_words(text: str) -> str:
    return " ".join(w.capitalize() for w in text.split(" "))


# case: strip_and_split
def strip_and_split(text: str) -> list[str]:
    return [piece.strip() for piece in text.split(",") if piece.strip()]


# case: vertical_bars
def vertical_bars(parts: list[str]) -> str:
    return " | ".join(parts)


# case: common_prefix
def common_prefix(words: list[str]) -> str:
    if not words:
        return ""
    prefix = words[0]
    for word in words[1:]:
        while not word.startswith(prefix):
            prefix = prefix[:-1]
    return prefix


# case: middle_letters
def middle_letters(text: str) -> str:
    n = len(text)
    if n == 0:
        return ""
    if n % 2 == 1:
        return text[n // 2]
    return text[n // 2 - 1 : n // 2 + 1]


# case: swap_case_by_hand
def swap_case_by_hand(text: str) -> str:
    out = ""
    for c in text:
        if c.isupper():
            out += c.lower()
        elif c.islower():
            out += c.upper()
        else:
            out += c
    return out


# case: every_other
def every_other(text: str) -> str:
    return text[::2] + "/" + text[1::2]


# case: find_all
def find_all(text: str, part: str) -> list[int]:
    places = []
    start = 0
    while part:
        at = text.find(part, start)
        if at == -1:
            break
        places.append(at)
        start = at + 1
    return places


# case: replace_twice
def replace_twice(text: str) -> str:
    return text.replace("a", "b", 2).replace(" ", "_")


# case: pad_left
def pad_left(text: str, width: int) -> str:
    return text.rjust(width, "*") + "|" + text.ljust(width) + "|" + text.zfill(5)


# case: centred
def centred(text: str) -> str:
    return text.center(9, "-")


# case: last_index_of
def last_index_of(text: str, c: str) -> int:
    return text.rfind(c)


# case: cut_at_equals
def cut_at_equals(text: str) -> tuple[str, str, str]:
    return text.partition("=")


# case: lines_of
def lines_of(text: str) -> list[str]:
    return text.splitlines()


# case: classify
def classify(text: str) -> str:
    if text.isdigit():
        return "digits"
    if text.isalpha():
        return "letters"
    if text.isspace():
        return "blank"
    if text.isalnum():
        return "mixed"
    return "other"


# case: ends_well
def ends_well(name: str) -> bool:
    return name.endswith((".txt", "c", "d")) and not name.startswith("_")


# case: ascii_sum
def ascii_sum(text: str) -> int:
    return sum(ord(c) for c in text)


# case: letters_only
import string

def letters_only(text: str) -> str:
    return "".join(c for c in text if c in string.ascii_letters)


# case: strip_chars
def strip_chars(text: str) -> str:
    return text.strip("ax ") + "|" + text.lstrip("a") + "|" + text.rstrip("e")


# case: repeat_text
def repeat_text(text: str, n: int) -> str:
    return text * (n % 4) + "-" * 3


# case: compare_texts
def compare_texts(a: str, b: str) -> str:
    if a == b:
        return "same"
    return "before" if a < b else "after"


# case: split_limited
def split_limited(text: str) -> list[str]:
    return text.split(" ", 1)


# case: longest_word
def longest_word(text: str) -> str:
    words = text.split()
    if len(words) == 0:
        return ""
    return max(words, key=len)


# case: count_part
def count_part(text: str, part: str) -> int:
    return text.count(part)


# case: character_at
def character_at(text: str, index: int) -> str:
    return text[index]


# case: snake_to_camel
def snake_to_camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)


# case: is_rotation
def is_rotation(a: str, b: str) -> bool:
    return len(a) == len(b) and b in a + a


# case: squeeze_blanks
def squeeze_blanks(text: str) -> str:
    out: list[str] = []
    for c in text:
        if c == " " and out and out[-1] == " ":
            continue
        out.append(c)
    return "".join(out)


# case: balanced
def balanced(text: str) -> bool:
    pairs = {")": "(", "]": "[", "}": "{"}
    stack = []
    for c in text:
        if c in "([{":
            stack.append(c)
        elif c in pairs:
            if not stack or stack.pop() != pairs[c]:
                return False
    return not stack


# case: hamming
def hamming(a: str, b: str) -> int:
    if len(a) != len(b):
        raise ValueError("lengths differ")
    return sum(x != y for x, y in zip(a, b))
