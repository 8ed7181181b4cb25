/** Helpers of the Python view for lists and maps; the form is that of the base. */
export const LISTS: string = `
def _clamp(place: int, length: int) -> int:
    """A place moved into 0 to length."""
    return max(0, min(place, length))

def _index(place: int, length: int) -> int:
    return place if 0 <= place < length else _trap("INDEX", f"place {place} is outside a list of {length}")

def _count(value: int, least: int) -> int:
    return _trap("INVALID", f"{value} is less than {least}") if value < least else value

def _get(items: list[_T], place: int) -> _T:
    return items[_index(place, len(items))]

def _at(items: Any, place: int) -> Some | None:
    return Some(items[place]) if 0 <= place < len(items) else None

def _set(items: list[_T], place: int, item: _T) -> list[_T]:
    at = _index(place, len(items))
    return [*items[:at], item, *items[at + 1 :]]

def _last(items: list[_T]) -> Some[_T] | None:
    return Some(items[-1]) if items else None

def _insert(items: list[_T], place: int, item: _T) -> list[_T]:
    at = _index(place, len(items) + 1)
    return [*items[:at], item, *items[at:]]

def _remove_at(items: list[_T], place: int) -> list[_T]:
    at = _index(place, len(items))
    return items[:at] + items[at + 1 :]

def _slice(items: Any, start: int, end: int) -> Any:
    """From one place up to another, both moved into the list or text."""
    return items[_clamp(start, len(items)) : _clamp(end, len(items))]

def _take(items: Any, count: int) -> Any:
    return items[: max(0, count)]

def _drop(items: Any, count: int) -> Any:
    return items[max(0, count) :]

def _take_end(items: Any, count: int) -> Any:
    return items[len(items) - _clamp(count, len(items)) :]

def _drop_end(items: Any, count: int) -> Any:
    return items[: len(items) - _clamp(count, len(items))]

def _step(items: list[_T], start: int, step: int) -> list[_T]:
    if step == 0:
        _trap("INVALID", "the step is 0")
    if not 0 <= start < len(items):
        return []
    return [items[place] for place in range(start, len(items) if step > 0 else -1, step)]

def _swap(items: list[_T], first: int, second: int) -> list[_T]:
    a, b = _index(first, len(items)), _index(second, len(items))
    swapped = list(items)
    swapped[a], swapped[b] = items[b], items[a]
    return swapped

def _splice(items: list[_T], start: int, end: int, by: list[_T]) -> list[_T]:
    first = _clamp(start, len(items))
    return items[:first] + by + items[max(first, _clamp(end, len(items))) :]

def _repeat(items: Any, count: int) -> Any:
    return items * (_count(count, 0) if items else 0 * _count(count, 0))

def _range_step(start: int, end: int, step: int) -> list[int]:
    if step == 0:
        _trap("INVALID", "the step is 0")
    return list(range(start, end, step))

def _map(items: list, f: Callable) -> list:
    return [f(item) for item in items]

def _filter(items: list[_T], f: Callable[[_T], bool]) -> list[_T]:
    return [item for item in items if f(item)]

def _any(items: list[_T], f: Callable[[_T], bool]) -> bool:
    return any(f(item) for item in items)

def _all(items: list[_T], f: Callable[[_T], bool]) -> bool:
    return all(f(item) for item in items)

def _fold(items: list, start: Any, f: Callable) -> Any:
    state = start
    for item in items:
        state = f(state, item)
    return state

def _fold_until(items: list, start: Any, stop: Callable, f: Callable) -> Any:
    state = start
    for item in items:
        if stop(state):
            break
        state = f(state, item)
    return state

def _scan(items: list, start: Any, f: Callable) -> list:
    state = start
    return [state := f(state, item) for item in items]

def _map_indexed(items: list, f: Callable) -> list:
    return [f(place, item) for place, item in enumerate(items)]

def _filter_indexed(items: list[_T], f: Callable[[int, _T], bool]) -> list[_T]:
    return [item for place, item in enumerate(items) if f(place, item)]

def _flat_map(items: list, f: Callable) -> list:
    return [made for item in items for made in f(item)]

def _filter_map(items: list, f: Callable) -> list:
    return [made.value for item in items if (made := f(item)) is not None]

def _flatten(lists: list[list[_T]]) -> list[_T]:
    return [item for items in lists for item in items]

def _find(items: list[_T], f: Callable[[_T], bool]) -> Some[_T] | None:
    return next((Some(item) for item in items if f(item)), None)

def _find_index(items: list[_T], f: Callable[[_T], bool]) -> Some[int] | None:
    return next((Some(place) for place, item in enumerate(items) if f(item)), None)

def _place_of(items: list[_T], item: _T) -> Some[int] | None:
    return next((Some(place) for place, one in enumerate(items) if _equal(one, item)), None)

def _contains(items: list[_T], item: _T) -> bool:
    return any(_equal(one, item) for one in items)

def _run(items: list[_T], f: Callable[[_T], bool]) -> int:
    """How many items at the start the function says true for."""
    return next((place for place, item in enumerate(items) if not f(item)), len(items))

def _take_while(items: list[_T], f: Callable[[_T], bool]) -> list[_T]:
    return items[: _run(items, f)]

def _drop_while(items: list[_T], f: Callable[[_T], bool]) -> list[_T]:
    return items[_run(items, f) :]

def _partition(items: list[_T], f: Callable[[_T], bool]) -> tuple[list[_T], list[_T]]:
    parts: tuple[list[_T], list[_T]] = ([], [])
    for item in items:
        parts[0 if f(item) else 1].append(item)
    return parts

def _windows(items: list[_T], size: int) -> list[list[_T]]:
    width = _count(size, 1)
    return [items[start : start + width] for start in range(len(items) - width + 1)]

def _chunks(items: list[_T], size: int) -> list[list[_T]]:
    width = min(_count(size, 1), len(items) + 1)
    return [items[start : start + width] for start in range(0, len(items), width)]

def _combinations(items: list[_T], size: int) -> list[list[_T]]:
    """Every choice of so many items, in the order of the list."""
    count = _count(size, 0)
    return [] if count > len(items) else [list(choice) for choice in itertools.combinations(items, count)]

def _sort(items: list[_T]) -> list[_T]:
    return sorted(items, key=cmp_to_key(_compare))

def _sort_desc(items: list[_T]) -> list[_T]:
    return sorted(items, key=cmp_to_key(_compare), reverse=True)

def _sort_by(items: list[_T], f: Callable[[_T], Any]) -> list[_T]:
    order = cmp_to_key(_compare)
    return sorted(items, key=lambda item: order(f(item)))

def _extreme(items: list[_T], f: Callable[[_T], Any], sign: int) -> Some[_T] | None:
    """The item whose key is least (sign -1) or greatest (sign 1), the first of equals."""
    keys = [f(item) for item in items]
    best = 0
    for place, key in enumerate(keys):
        if _compare(key, keys[best]) == sign:
            best = place
    return Some(items[best]) if items else None

def _sum(items: list[int]) -> int:
    return _fold(items, 0, lambda total, item: _int(total + item))

def _sum_float(items: list[float]) -> float:
    return _fold(items, 0.0, lambda total, item: total + item)

def _product(items: list[int]) -> int:
    return _fold(items, 1, lambda product, item: _int(product * item))

def _distinct(items: list[_T]) -> list[_T]:
    kept: list[_T] = []
    for item in items:
        if not _contains(kept, item):
            kept.append(item)
    return kept

def _remove(items: list[_T], item: _T) -> list[_T]:
    place = _place_of(items, item)
    return items if place is None else items[: place.value] + items[place.value + 1 :]

def _intersect(a: list[_T], b: list[_T]) -> list[_T]:
    return [item for item in a if _contains(b, item)]

def _difference(a: list[_T], b: list[_T]) -> list[_T]:
    return [item for item in a if not _contains(b, item)]

class _Frozen(list):
    """A list that may be a key: nothing changes it."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self))

class _FrozenMap(dict):
    """A map that may be a key: nothing changes it."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))

def _frozen(key: Any) -> Any:
    """The key in a form that a dict takes."""
    if isinstance(key, tuple):
        return tuple(map(_frozen, key))
    if isinstance(key, list):
        return _Frozen(map(_frozen, key))
    if isinstance(key, dict):
        return _FrozenMap((_frozen(part), _frozen(value)) for part, value in key.items())
    if is_dataclass(key):
        return type(key)(*(_frozen(getattr(key, field.name)) for field in fields(key)))
    return key

def _dict(entries: Any) -> dict:
    """A map of entries in any order, its keys ascending; of equal keys the last wins."""
    order = cmp_to_key(_compare)
    return {_frozen(key): value for key, value in sorted(entries, key=lambda entry: order(entry[0]))}

def _merged(first: dict, second: dict) -> dict:
    return _dict([*first.items(), *second.items()])

def _look_up(entries: dict, key: Any) -> Some | None:
    place = _frozen(key)
    return Some(entries[place]) if place in entries else None

def _has(entries: dict, key: Any) -> bool:
    return _frozen(key) in entries

def _look_up_or(entries: dict, key: Any, other: Any) -> Any:
    return entries.get(_frozen(key), other)

def _put(entries: dict, key: Any, value: Any) -> dict:
    return _dict([*entries.items(), (key, value)])

def _without(entries: dict, key: Any) -> dict:
    place = _frozen(key)
    return {one: value for one, value in entries.items() if one != place}

def _update(entries: dict, key: Any, other: Any, f: Callable) -> dict:
    return _put(entries, key, f(_look_up_or(entries, key, other)))

def _map_values(entries: dict, f: Callable) -> dict:
    return {key: f(value) for key, value in entries.items()}

def _filter_entries(entries: dict, f: Callable) -> dict:
    return {key: value for key, value in entries.items() if f(key, value)}

def _group_by(items: list[_T], f: Callable[[_T], Any]) -> dict:
    groups: dict[Any, list[_T]] = {}
    for item in items:
        groups.setdefault(_frozen(f(item)), []).append(item)
    return _dict(groups.items())

def _tally(items: list) -> dict:
    return {key: len(group) for key, group in _group_by(items, lambda item: item).items()}
`;
