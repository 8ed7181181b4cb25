# case: transpose
def transpose(rows: list[list[int]]) -> list[list[int]]:
    if not rows:
        return []
    width = min(len(row) for row in rows)
    return [[row[c] for row in rows] for c in range(width)]


# case: identity
def identity(n: int) -> list[list[int]]:
    grid = [[0] * n for _ in range(n)]
    for i in range(n):
        grid[i][i] = 1
    return grid


# case: row_sums
def row_sums(rows: list[list[int]]) -> list[int]:
    return [sum(row) for row in rows]


# case: spiral_fill
def spiral_fill(n: int) -> list[list[int]]:
    if n <= 0 or n > 8:
        return []
    grid = [[0 for _ in range(n)] for _ in range(n)]
    row, col, dr, dc = 0, 0, 0, 1
    for k in range(1, n * n + 1):
        grid[row][col] = k
        nr, nc = row + dr, col + dc
        if not (0 <= nr < n and 0 <= nc < n and grid[nr][nc] == 0):
            dr, dc = dc, -dr
            nr, nc = row + dr, col + dc
        row, col = nr, nc
    return grid


# case: pascal
def pascal(n: int) -> list[list[int]]:
    rows: list[list[int]] = []
    for i in range(n):
        row = [1] * (i + 1)
        for j in range(1, i):
            row[j] = rows[i - 1][j - 1] + rows[i - 1][j]
        rows.append(row)
    return rows


# case: count_neighbours
def count_neighbours(grid: list[list[int]], r: int, c: int) -> int:
    total = 0
    for dr in (-1, 0, 1):
        for dc in (-1, 0, 1):
            if dr == 0 and dc == 0:
                continue
            y, x = r + dr, c + dc
            if 0 <= y < len(grid) and 0 <= x < len(grid[y]):
                total += grid[y][x]
    return total


# case: diagonal
def diagonal(rows: list[list[int]]) -> list[int]:
    return [rows[i][i] for i in range(len(rows)) if i < len(rows[i])]


# case: multiply_matrices
def multiply_matrices(a: list[list[int]], b: list[list[int]]) -> list[list[int]]:
    out = []
    for row in a:
        line = []
        for j in range(len(b[0])):
            cell = 0
            for k in range(len(b)):
                cell += row[k] * b[k][j]
            line.append(cell)
        out.append(line)
    return out


# case: mark_cells
def mark_cells(cells: list[tuple[int, int]]) -> list[str]:
    board = [["."] * 4 for _ in range(3)]
    for r, c in cells:
        if 0 <= r < 3 and 0 <= c < 4:
            board[r][c] = "#"
    return ["".join(line) for line in board]


# case: add_to_cells
def add_to_cells(n: int) -> int:
    grid = [[i + j for j in range(4)] for i in range(4)]
    for i in range(4):
        grid[i][3 - i] += n
        grid[i][0] -= i
    return sum(sum(line) for line in grid)


# case: column_maxima
def column_maxima(rows: list[list[int]]) -> list[int]:
    return [max(column) for column in zip(*rows)]
