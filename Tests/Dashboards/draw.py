#!/usr/bin/env python3
"""Makes Dashboards/*.json of panels.py; with --check, says whether they are what it makes."""

import json
import pathlib
import sys

import panels

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Dashboards"
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
CHOICE = 'job=~"$job",instance=~"$instance"'


def spoken(expression):
    return expression.replace("$S", CHOICE).replace("$W", "$__rate_interval")


def steps(thresholds):
    return [{"color": colour, "value": value} for value, colour in thresholds or ((None, "green"),)]


def options(kind):
    last = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    if kind == "timeseries":
        return {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        }
    if kind == "stat":
        return {"colorMode": "value", "graphMode": "area", "reduceOptions": last, "textMode": "auto"}
    if kind == "bargauge":
        return {"displayMode": "gradient", "orientation": "horizontal", "reduceOptions": last}
    if kind == "heatmap":
        return {
            "calculate": False, "cellGap": 1,
            "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64, "reverse": False},
            "filterValues": {"le": 1e-9}, "legend": {"show": True}, "rowsFrame": {"layout": "auto"},
            "tooltip": {"mode": "single", "yHistogram": False}, "yAxis": {"axisPlacement": "left", "unit": "s"},
        }
    if kind == "state-timeline":
        return {"mergeValues": True, "rowHeight": 0.9, "showValue": "auto"}
    return {"showHeader": True}


def drawn(number, panel, place):
    is_table = panel.kind == "table"
    defaults = {
        "color": {"mode": "thresholds" if panel.thresholds else "palette-classic"},
        "mappings": [
            {"type": "value", "options": {value: {"text": text} for value, text in panel.words.items()}}
        ] if panel.words else [],
        "thresholds": {"mode": "absolute", "steps": steps(panel.thresholds)},
        "unit": panel.unit,
    }
    if panel.kind == "timeseries" and not any("skew" in ask for ask, _ in panel.asks):
        defaults["min"] = 0
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.why,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options(panel.kind),
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": SOURCE,
                "expr": spoken(ask),
                "legendFormat": legend or "__auto",
                "instant": is_table,
                "range": not is_table,
                "format": {"table": "table", "heatmap": "heatmap"}.get(panel.kind, "time_series"),
            }
            for index, (ask, legend) in enumerate(panel.asks)
        ],
    }


def places(list_of_panels):
    """Rows of 24, filled from the left."""
    x = y = height = 0
    for panel in list_of_panels:
        if x + panel.width > 24:
            x, y, height = 0, y + height, 0
        yield {"x": x, "y": y, "w": panel.width, "h": panel.height}
        x += panel.width
        height = max(height, panel.height)


def choice(name, label):
    query = f"label_values(grapevine_build_info{{job=~\"$job\"}}, {name})" if name != "job" else (
        "label_values(grapevine_build_info, job)"
    )
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "definition": query,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def dashboard(name):
    title, why, list_of_panels = panels.DASHBOARDS[name]
    return {
        "uid": f"grapevine-{name}",
        "title": title,
        "description": why,
        "tags": ["grapevine"],
        "schemaVersion": 41,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "links": [
            {
                "title": "Grapevine", "type": "dashboards", "tags": ["grapevine"], "asDropdown": True,
                "includeVars": True, "keepTime": True,
            }
        ],
        "annotations": {
            "list": [
                {
                    "name": mark, "datasource": SOURCE, "enable": True, "expr": spoken(expression),
                    "iconColor": colour, "titleFormat": mark, "textFormat": "{{instance}}",
                }
                for mark, expression, colour in panels.ANNOTATIONS
            ]
        },
        "templating": {
            "list": [
                {
                    "name": "datasource", "label": "Prometheus", "type": "datasource",
                    "query": "prometheus", "current": {}, "hide": 0,
                },
                choice("job", "Job"),
                choice("instance", "Agent"),
            ]
        },
        "panels": [
            drawn(number, panel, place)
            for number, (panel, place) in enumerate(zip(list_of_panels, places(list_of_panels)), start=1)
        ],
    }


def main():
    wanted = {f"{name}.json": json.dumps(dashboard(name), indent=2) + "\n" for name in panels.DASHBOARDS}
    if sys.argv[1:] != ["--check"]:
        for name, text in wanted.items():
            (FOLDER / name).write_text(text, encoding="utf-8")
        return
    found = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.json")}
    differing = sorted(name for name in wanted | found if wanted.get(name) != found.get(name))
    if differing:
        sys.exit(f"dashboards: not what panels.py says: {' '.join(differing)}. make dashboards draws them")


if __name__ == "__main__":
    main()
