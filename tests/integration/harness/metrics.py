"""Reads the Prometheus text format, strictly enough that a broken exposition fails the test that reads it."""
import re

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)')
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def parse_labels(text):
    labels, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        assert match, f"labels that are no labels: {text[at:]!r}"
        assert match[1] not in labels, f"label {match[1]} twice: {text!r}"
        labels[match[1]] = re.sub(r"\\.", lambda escape: ESCAPES[escape[0]], match[2])
        at = match.end()
    return labels


class Metrics:
    """The samples of one scrape."""

    def __init__(self, text):
        self.text = text
        self.families = {}
        for line in text.splitlines():
            if not line or line.startswith("#"):
                continue
            match = SAMPLE.fullmatch(line)
            assert match, f"no sample: {line!r}"
            series = self.families.setdefault(match[1], {})
            key = frozenset(parse_labels(match[2] or "").items())
            assert key not in series, f"series twice: {line!r}"
            series[key] = float(match[3])

    def samples(self, name, **labels):
        """The samples that carry these labels, among others: a list of (labels, value)."""
        wanted = labels.items()
        return [(dict(key), value) for key, value in self.families.get(name, {}).items() if wanted <= key]

    def value(self, name, **labels):
        """The value of the only sample with these labels; None when there is none."""
        found = self.samples(name, **labels)
        assert len(found) <= 1, f"{len(found)} samples of {name} have {labels}: {found}"
        return found[0][1] if found else None

    def sum(self, name, **labels):
        return sum(value for _, value in self.samples(name, **labels))
