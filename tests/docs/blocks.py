"""What a document's fenced blocks are for. Each has a purpose, said by its language and by an HTML comment just above it:

    ```sh                                  is run
    <!-- stays running, port 10953 -->     … its last line until the document's end; the next block waits for the port
    <!-- within 60 s -->                   … again and again until its output is the next block's
    <!-- not run: REASON -->               … is not, and the test tells why
    ```text                                is the output of the block above; … stands for what varies, alone in a line for any lines
    <!-- file: dnspolicy.yml -->           any other language: is written to that file
    <!-- more of: dnspolicy.yml -->        … is appended to it
    ```promql                              each line is an expression that Prometheus can parse
    ```                                    is a figure

A block without a purpose is an error: it would be a claim that nothing holds to account.
"""
import re
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^( *)```(\w*)\s*$")
MARK = re.compile(r"^ *<!-- (.*?) -->$")
MARKS = [("file", re.compile(r"file: (?P<file>[\w./-]+)")), ("more", re.compile(r"more of: (?P<file>[\w./-]+)")),
         ("skip", re.compile(r"not run: (?P<reason>.+)")), ("stay", re.compile(r"stays running, port (?P<port>\d+)")),
         ("retry", re.compile(r"within (?P<seconds>\d+) s"))]


class DocumentError(Exception):
    """A document that cannot be run as it stands; the message names the line."""


@dataclass
class Block:
    document: str
    line: int
    language: str
    text: str
    purpose: str = ""
    details: dict = field(default_factory=dict)
    # What it should print, and the line of that; None where the document does not say.
    output: str | None = None

    def __str__(self):
        return f"{self.document}:{self.line}"


def fenced(name, text):
    """Every fenced block with the HTML comment above it, if there is one."""
    lines, number = text.splitlines(), 0
    while number < len(lines):
        fence = FENCE.match(lines[number])
        if not fence:
            number += 1
            continue
        start, indent = number, fence[1]
        number += 1
        while number < len(lines) and lines[number] != indent + "```":
            number += 1
        if number == len(lines):
            raise DocumentError(f"{name}:{start + 1}: this block has no end")
        body = "".join(line.removeprefix(indent) + "\n" for line in lines[start + 1:number])
        mark = MARK.match(lines[start - 1]) if start else None
        yield Block(name, start + 1, fence[2], body), mark[1] if mark else ""
        number += 1


def give_purpose(block, mark):
    for purpose, pattern in MARKS:
        match = pattern.fullmatch(mark)
        if match:
            block.purpose, block.details = purpose, match.groupdict()
            break
    else:
        if mark:
            raise DocumentError(f"{block}: nobody understands <!-- {mark} -->")
        block.purpose = {"sh": "run", "promql": "promql", "": "figure"}.get(block.language, "")
    runs = block.purpose in ("run", "stay", "retry")
    if not block.purpose or block.purpose != "skip" and runs != (block.language == "sh"):
        raise DocumentError(f"{block}: this {block.language} block is neither run, nor compared, nor a file")


def blocks_of(name, text, marks=None):
    """The blocks in order, outputs joined to what prints them. `marks` maps the beginnings of blocks to the comments that a
    document lacks."""
    found = []
    for block, mark in fenced(name, text):
        mark = mark or next((mark for start, mark in (marks or {}).items() if block.text.startswith(start)), "")
        if block.language == "text" and not mark:
            if not found or found[-1].language != "sh" or found[-1].output is not None:
                raise DocumentError(f"{block}: this is the output of no block")
            if not re.search(r"\w", block.text):
                raise DocumentError(f"{block}: any output would be as shown")
            found[-1].output = block.text
            continue
        give_purpose(block, mark)
        found.append(block)
    for block in found:
        if block.purpose == "retry" and block.output is None:
            raise DocumentError(f"{block}: what is waited for must be shown")
        if block.purpose == "stay" and block.output is not None:
            raise DocumentError(f"{block}: what stays running has no output to compare")
    return found


def read_document(path, root, marks=None):
    return blocks_of(str(Path(path).relative_to(root)), Path(path).read_text(encoding="utf-8"), marks)


def says(expected, printed):
    """Whether the output is as shown."""
    pattern = ""
    for line in expected.rstrip("\n").split("\n"):
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(piece) for piece in line.rstrip().split("…")) + r"[ \t]*\n"
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None
