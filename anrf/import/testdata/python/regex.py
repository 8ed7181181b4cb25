# case: find_numbers
import re

def find_numbers(text: str) -> list[str]:
    return re.findall(r"[0-9]+", text)


# case: long_words
import re

def long_words(text: str) -> list[str]:
    return re.findall(r"\b[a-z]{4,}\b", text)


# case: looks_like_code
import re

def looks_like_code(text: str) -> bool:
    return re.fullmatch(r"[A-Z][0-9]{1,3}", text) is not None


# case: starts_with_letters
import re

def starts_with_letters(text: str) -> bool:
    return bool(re.match(r"[a-z]+", text))


# case: blanks_to_dash
import re

def blanks_to_dash(text: str) -> str:
    return re.sub(r"[ ,]+", "-", text)


# case: split_words
import re

def split_words(text: str) -> list[str]:
    return re.split(r"[,;]", text)


# case: has_repeated_a
import re

def has_repeated_a(text: str) -> str:
    if re.search("a{2,3}", text):
        return "found"
    else:
        return "not found"


# case: digits_removed
import re

def digits_removed(text: str) -> str:
    pattern = re.compile(r"[0-9]")
    return pattern.sub("", text)
