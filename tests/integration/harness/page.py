"""The status page as a browser without a script reads it; strictly, so that text which became markup is found."""
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br"}
KNOWN = VOID | {
    "html", "head", "title", "script", "noscript", "body", "header", "main", "footer", "nav", "section", "details", "summary",
    "h1", "h2", "h3", "p", "a", "span", "bdi", "time", "ul", "ol", "li", "dl", "dt", "dd", "pre", "code", "div",
    "form", "label", "select", "option", "button", "table", "caption", "thead", "tbody", "tr", "th", "td"}
# What may stand in a page is known by name: neither style= nor on…= is among it.
ATTRIBUTES = {
    "lang", "charset", "name", "content", "rel", "href", "src", "defer", "http-equiv", "class", "id", "datetime", "hidden",
    "data-refresh", "data-copy", "aria-label", "aria-hidden", "aria-current", "tabindex", "role", "scope",
    "method", "action", "value", "selected", "type", "placeholder", "autocomplete", "spellcheck"}


class Element:
    def __init__(self, tag, attributes):
        self.tag, self.attributes, self.children = tag, dict(attributes), []

    @property
    def text(self):
        """All text within, blanks as a browser has them."""
        return " ".join("".join(self._texts()).split())

    def _texts(self):
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._texts()
                if child.tag in ("td", "th", "li", "dt", "dd", "p", "option"):
                    yield " "

    def all(self, tag=None, **attributes):
        """Elements within: all("a", href=…); class_ is one of the classes, for class is a word of Python."""
        for child in self.children:
            if isinstance(child, str):
                continue
            classes = child.attributes.get("class", "").split()
            if (tag in (None, child.tag) and attributes.get("class_") in (None, *classes)
                    and all(child.attributes.get(name) == value for name, value in attributes.items() if name != "class_")):
                yield child
            yield from child.all(tag, **attributes)

    def one(self, tag=None, **attributes):
        found = list(self.all(tag, **attributes))
        assert len(found) == 1, f"{len(found)} elements {tag} {attributes}"
        return found[0]

    def links(self):
        return [link.attributes["href"] for link in self.all("a")]


class Page(HTMLParser):
    """Page(reply.text).root; fails on what is not well-formed or not of a kind that our pages have."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.root = Element(None, {})
        self.open = [self.root]
        assert text.startswith("<!DOCTYPE html>\n")
        self.feed(text)
        self.close()
        assert self.open == [self.root], f"<{self.open[-1].tag}> is not closed"
        ids = [element.attributes["id"] for element in self.root.all() if "id" in element.attributes]
        assert len(ids) == len(set(ids)), ids

    def handle_starttag(self, tag, attrs):
        assert tag in KNOWN, f"<{tag}> is not of ours"
        names = [name for name, _ in attrs]
        assert set(names) <= ATTRIBUTES and len(names) == len(set(names)), f"<{tag}> has {names}"
        element = Element(tag, attrs)
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag, f"</{tag}> ends another element"

    def handle_data(self, data):
        assert not (set(data) & {chr(code) for code in [*range(0x09), *range(0x0b, 0x20), *range(0x7f, 0xa0)]}), repr(data)
        self.open[-1].children.append(data)

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    unknown_decl = handle_pi = handle_comment

    @property
    def main(self):
        return self.root.one("main", id="main")

    def cells(self):
        """What the matrix says of each pair: {(client, resolver): text}."""
        table = next(self.root.one("section", id="matrix").all("table"))
        names = [column.one("a").text for column in list(next(table.all("thead")).all("th"))[1:]]
        return {(row.one("th").one("a").text, name): cell.text
                for row in next(table.all("tbody")).all("tr") for name, cell in zip(names, row.all("td"))}

    def pairs(self):
        """What is told of a probe: {term: [text]}."""
        told = {}
        parts = [part for part in self.root.one("section", id="probe").one("dl").children if not isinstance(part, str)]
        for term, text in zip(parts[::2], parts[1::2]):
            assert (term.tag, text.tag) == ("dt", "dd")
            told.setdefault(term.text, []).append(text.text)
        return told
