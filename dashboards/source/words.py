"""What the dashboards have in common: how categories are called and coloured, and the pieces their queries are made of."""

# Worst first, as the status page has it: the number that stands for the category in a query, its symbol and word, its colour.
CATEGORIES = {
    "too_open": (5, "▲ too open", "red"),
    "too_strict": (4, "▼ too strict", "orange"),
    "mismatch": (3, "≠ mismatch", "purple"),
    "unreachable": (2, "✕ unreachable", "blue"),
    "unknown": (1, "? unknown", "#8e8e8e"),
    "pass": (0, "✓ pass", "green"),
}

SITE = 'site=~"$site"'
# The labels that both the metrics of probes and those of series have.
PAIR = f'{SITE},client=~"$client",resolver=~"$resolver"'
SELECTED = f'{PAIR},qtype=~"$qtype"'
# Of the resolver dashboard, which tells transports apart.
SELECTED_TRANSPORT = f'{SELECTED},transport=~"$transport"'
OF_PROBE = "site, check, client, subnet, resolver, transport, qname, qtype, severity"
FAILING = 'verdict!~"as_expected|pending"'


def number_mappings():
    """A category's number, as worst() gives it, in words and colour."""
    return [{"type": "value", "options": {
        str(number): {"text": text, "color": colour, "index": index}
        for index, (number, text, colour) in enumerate(CATEGORIES.values())}}]


def name_mappings():
    return [{"type": "value", "options": {
        name: {"text": text, "color": colour, "index": index}
        for index, (name, (_, text, colour)) in enumerate(CATEGORIES.items())}}]


def worst(by, selected=SELECTED, window=None, more=""):
    """The number of the worst category by these labels. With a window, the worst that stood within it: a verdict that alternates is
    not missed between two steps."""
    def of(name, number):
        series = f'dnspolicy_probe_verdict{{category="{name}",{selected}{more}}}'
        return f"{number} * " + (f"max_over_time({series}[{window}])" if window else series)
    terms = "\n  or ".join(of(name, number) for name, (number, _, _) in CATEGORIES.items())
    return f"max by ({by}) (\n  {terms}\n)"


def failed_within_range(by, selected=SELECTED):
    """A filter, to follow `and on (…)`: only what failed at some time within the time range."""
    return f"max by ({by}) (max_over_time(dnspolicy_probe_verdict{{{FAILING},{selected}}}[$__range] @ end()))"


def since(selected, more):
    """When the standing verdict began, in milliseconds, with the verdict among the labels."""
    return (f"1000 * dnspolicy_probe_last_change_timestamp_seconds{{{selected}}}\n"
            f"    * ignoring (verdict, category) group_left (verdict, category)\n"
            f"    dnspolicy_probe_verdict{{{more},{selected}}}")


def rate(metric, by, selected=SELECTED, window="$__rate_interval"):
    return f"sum by ({by}) (rate({metric}{{{selected}}}[{window}]))"


def quantile(share, metric, by, selected):
    return f"histogram_quantile({share}, {rate(metric + '_bucket', by, selected)})"
