"""Makes panels: what Grafana wants to know of each kind, so that a dashboard says only what is its own."""

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
GRID_WIDTH = 24
# Every step of a timeline looks at every probe: more of them than can be told apart cost time alone.
TIMELINE_POINTS = 240
# What the data source's editor calls a query of the kind label_values().
LABEL_VALUES = 1


def query(expression, legend="", ref="A", kind="range"):
    """`kind`: range; heatmap, a range query of a histogram's buckets; instant; table, an instant query with labels as columns."""
    is_instant = kind in ("instant", "table")
    return {"datasource": DATASOURCE, "editorMode": "code", "expr": expression, "legendFormat": legend, "refId": ref,
            "format": {"table": "table", "heatmap": "heatmap"}.get(kind, "time_series"), "instant": is_instant,
            "range": not is_instant}


def thresholds(base, *steps):
    return {"mode": "absolute", "steps": [{"color": base, "value": None},
                                          *({"color": colour, "value": value} for value, colour in steps)]}


def override(matcher, of, **properties):
    """`matcher` is byName, byFrameRefID, byRegexp; a property named custom__width is custom.width."""
    return {"matcher": {"id": matcher, "options": of},
            "properties": [{"id": name.replace("__", "."), "value": value} for name, value in properties.items()]}


def fixed(colour):
    return {"mode": "fixed", "fixedColor": colour}


def panel(kind, id, title, description, targets, options, defaults, overrides=(), transformations=(), **more):
    queries = targets if isinstance(targets, list) else [targets]
    made = {"id": id, "type": kind, "title": title, "description": description, "datasource": DATASOURCE, "targets": queries,
            "fieldConfig": {"defaults": defaults, "overrides": list(overrides)}, "options": options, **more}
    if transformations:
        made["transformations"] = list(transformations)
    return made


def timeseries(id, title, description, targets, unit, is_stacked=False, colour=None, has_table=False, overrides=(), **defaults):
    custom = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 60 if is_stacked else 10, "showPoints": "never",
              "stacking": {"mode": "normal" if is_stacked else "none", "group": "A"}}
    legend = {"showLegend": True, "displayMode": "table" if has_table else "list", "placement": "right" if has_table else "bottom",
              "calcs": ["lastNotNull", "max"] if has_table else []}
    return panel("timeseries", id, title, description, targets,
                 {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}},
                 {"unit": unit, "min": 0, "color": colour or {"mode": "palette-classic"}, "custom": custom, **defaults}, overrides)


def stat(id, title, description, targets, unit, colour_mode="value", text_mode="auto", overrides=(), **defaults):
    return panel("stat", id, title, description, targets,
                 {"colorMode": colour_mode, "graphMode": "none", "justifyMode": "auto", "orientation": "auto",
                  "textMode": text_mode, "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}},
                 {"unit": unit, **defaults}, overrides)


def table(id, title, description, targets, transformations=(), sort_by=None, overrides=(), cell="auto", no_value="–", **defaults):
    # Grafana also says no_value in cells without a text: a site without a name is none of these.
    overrides = [*overrides, override("byRegexp", "/^(site|group)$/", noValue="–")]
    cells = {"type": cell, "mode": "basic"} if cell == "color-background" else {"type": cell}
    return panel("table", id, title, description, targets,
                 {"showHeader": True, "cellHeight": "sm", "frameIndex": 0,
                  "sortBy": [{"displayName": name, "desc": desc} for name, desc in [sort_by]] if sort_by else []},
                 {"custom": {"align": "auto", "cellOptions": cells, "inspect": False, "filterable": True}, "noValue": no_value,
                  **defaults}, overrides, transformations)


def state_timeline(id, title, description, targets, mappings, links=()):
    return panel("state-timeline", id, title, description, targets,
                 {"mergeValues": True, "showValue": "auto", "alignValue": "left", "rowHeight": 0.85,
                  "legend": {"showLegend": False, "displayMode": "list", "placement": "bottom", "calcs": []},
                  "tooltip": {"mode": "single", "sort": "none"}},
                 {"unit": "none", "mappings": mappings, "color": {"mode": "thresholds"}, "thresholds": thresholds("#8e8e8e"),
                  "custom": {"fillOpacity": 75, "lineWidth": 0}, "links": list(links)}, maxDataPoints=TIMELINE_POINTS)


def heatmap(id, title, description, targets, unit, scheme, cell_unit, is_histogram):
    """Of a histogram's buckets, or with a row for each series."""
    return panel("heatmap", id, title, description, targets,
                 {"calculate": False, "cellGap": 1, "cellValues": {"unit": cell_unit},
                  "color": {"mode": "scheme", "scheme": scheme, "scale": "exponential", "exponent": 0.5, "steps": 64,
                            "reverse": False, "fill": "dark-blue"},
                  "exemplars": {"color": "rgba(255,0,255,0.7)"}, "filterValues": {"le": 1e-9}, "legend": {"show": True},
                  "rowsFrame": {"layout": "auto"}, "showValue": "never",
                  "tooltip": {"mode": "single", "showColorScale": True, "yHistogram": is_histogram},
                  "yAxis": {"axisPlacement": "left", "reverse": False, "unit": unit}},
                 {"unit": cell_unit, "custom": {"scaleDistribution": {"type": "linear"}}})


def matrix(row, column, value="Value", empty="null"):
    """Rows × columns of a table query's labels, both in the order of the alphabet."""
    return [{"id": "sortBy", "options": {"fields": {}, "sort": [{"field": column}]}},
            {"id": "groupingToMatrix", "options": {"rowField": row, "columnField": column, "valueField": value, "emptyValue": empty}}]


def organize(order, rename=None, hide=("Time",)):
    return {"id": "organize", "options": {"excludeByName": {name: True for name in hide},
                                          "indexByName": {name: index for index, name in enumerate(order)},
                                          "renameByName": rename or {}}}


def link(title, dashboard, **variables):
    """To a dashboard, with its time range, data source and site, and these variables."""
    chosen = {"datasource": "${datasource}", **variables}
    values = "&".join(f"var-{name}={value}" for name, value in chosen.items())
    return {"title": title, "url": f"/d/{dashboard}?${{__url_time_range}}&${{site:queryparam}}&{values}", "targetBlank": False}


def lay_out(*rows):
    """A row is a title, or a height and its panels, each with its width; they fill the grid from left to right, from the top down.
    A panel may be a list: these stand below each other in their column and share the height."""
    placed, y = [], 0
    for row in rows:
        if isinstance(row, tuple) and isinstance(row[0], str):
            title, id = row
            placed.append({"id": id, "type": "row", "title": title, "collapsed": False, "panels": [],
                           "gridPos": {"x": 0, "y": y, "w": GRID_WIDTH, "h": 1}})
            y += 1
            continue
        height, *columns = row
        x = 0
        for width, column in columns:
            stack = column if isinstance(column, list) else [column]
            share = height // len(stack)
            for index, each in enumerate(stack):
                placed.append({**each, "gridPos": {"x": x, "y": y + index * share, "w": width, "h": share}})
            x += width
        y += height
    return placed


def variable(name, label, description, expression):
    """From a label's values. All is a regular expression that also matches where there is no such label."""
    return {"type": "query", "name": name, "label": label, "description": description, "datasource": DATASOURCE,
            "definition": expression, "regex": "", "refresh": 2, "sort": 5,
            "query": {"qryType": LABEL_VALUES, "query": expression, "refId": "PrometheusVariableQueryEditor-VariableQuery"}, "multi": True, "includeAll": True, "allValue": ".*", "hide": 0,
            "current": {"selected": True, "text": ["All"], "value": ["$__all"]}, "options": []}


def data_source_variable():
    return {"type": "datasource", "name": "datasource", "label": "Data source", "description": "The Prometheus that scrapes the exporters.",
            "query": "prometheus", "regex": "", "refresh": 1, "multi": False, "includeAll": False, "hide": 0,
            "options": []}


def dashboard(uid, title, description, variables, panels, annotations):
    return {
        "uid": uid, "title": title, "description": description, "tags": ["dns", "dnspolicy"], "schemaVersion": 39, "version": 1,
        "id": None, "editable": True, "graphTooltip": 1, "refresh": "1m", "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser", "fiscalYearStartMonth": 0, "weekStart": "",
        "timepicker": {"refresh_intervals": ["10s", "30s", "1m", "5m", "15m", "1h"]},
        "links": [{"type": "dashboards", "title": "dnspolicy", "tags": ["dnspolicy"], "asDropdown": False, "icon": "external link",
                   "includeVars": True, "keepTime": True, "targetBlank": False, "tooltip": "", "url": ""}],
        "annotations": {"list": annotations},
        "templating": {"list": [data_source_variable(), *variables]},
        "panels": panels,
    }
