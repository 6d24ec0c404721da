"""The dashboards against Grafana's published types (@grafana/schema), of the oldest release that is supported and of a new one: each
property of the dashboard, its variables, its panels, their options and fields exists there and has a value that it may have.

What this does not show: that a property without a type of its own there (an override's value, a transformation's options) is right;
test_shown.py runs those."""
import json
import subprocess

import pytest

from conftest import HERE, ROOT
from grafana import FILES, load, panels_of

# The panel's name in Grafana, and the folder and file of its types.
KINDS = {"timeseries": ("timeseries", "TimeSeries"), "stat": ("stat", "Stat"), "table": ("table", "Table"),
         "heatmap": ("heatmap", "Heatmap"), "state-timeline": ("statetimeline", "StateTimeline")}
WITHOUT_FIELDS = {"stat"}

# Newer releases keep this type with the data source.
PROMETHEUS = "grafana-schema-oldest/dist/esm/raw/composable/prometheus/dataquery/x/PrometheusDataQuery_types.gen"
PRELUDE = """\
import type * as schema from '{package}/dist/{dist}/raw/dashboard/x/{dashboard}';
import type {{ PrometheusDataQuery }} from '{prometheus}';
{imports}
// JSON has no enums: their values stand for them.
type Json<T> = T extends string ? (string extends T ? string : `${{T}}`) : T extends number | boolean | null | undefined ? T
  : T extends readonly (infer U)[] ? Json<U>[] : unknown extends T ? T : T extends object ? {{ [K in keyof T]: Json<T[K]> }} : T;
// The data source is an object by its type and may be a reference; what the types leave open is what the data source's plugin adds.
type Query = Json<Omit<PrometheusDataQuery, 'datasource'>> & {{ datasource: schema.DataSourceRef }};
type Annotation = Json<Omit<schema.AnnotationQuery, 'target'>> & {{
  target: {{ expr: string; refId: string; interval: string }};
  useValueForTime: boolean; titleFormat: string; textFormat: string; tagKeys: string }};
type Variable = Json<schema.VariableModel> & {{ definition?: string }};
type Whole = Omit<Json<schema.Dashboard>, 'panels' | 'annotations' | 'templating'> & {{
  annotations: {{ list: Annotation[] }}; templating: {{ list: Variable[] }} }};
type Panel = Omit<Json<schema.Panel>, 'options' | 'fieldConfig' | 'targets'>;
type Fields<C> = {{
  defaults: Omit<Json<schema.FieldConfig>, 'custom'> & {{ custom?: C }}; overrides: Json<schema.FieldConfigSource['overrides']> }};
"""


def statements(dashboard):
    """Every part as a literal of its type, so that the compiler also minds properties which the type does not know."""
    whole = {key: value for key, value in dashboard.items() if key != "panels"}
    yield f"export const whole: Whole = {json.dumps(whole)};"
    for index, panel in enumerate(dashboard["panels"]):
        if panel["type"] == "row":
            yield f"export const p{index}: Json<schema.RowPanel> = {json.dumps(panel)};"
            continue
        folder = KINDS[panel["type"]][0]
        frame = {key: value for key, value in panel.items() if key not in ("options", "fieldConfig", "targets")}
        field = "never" if panel["type"] in WITHOUT_FIELDS else f"Partial<Json<{folder}.FieldConfig>>"
        yield f"export const p{index}: Panel = {json.dumps(frame)};"
        yield f"export const o{index}: Partial<Json<{folder}.Options>> = {json.dumps(panel['options'])};"
        yield f"export const f{index}: Fields<{field}> = {json.dumps(panel['fieldConfig'])};"
        yield f"export const t{index}: Query[] = {json.dumps(panel['targets'])};"


def source(package, is_oldest, dashboard):
    dist = "esm" if is_oldest else "types"
    imports = [f"import type * as {folder} from '{package}/dist/{dist}/raw/composable/{folder}/panelcfg/x/"
               + (f"{name}PanelCfg_types.gen" if is_oldest else "types.gen") + "';" for folder, name in KINDS.values()]
    prelude = PRELUDE.format(package=package, dist=dist, prometheus=PROMETHEUS, dashboard="dashboard_types.gen" if is_oldest else "types.gen",
                             imports="\n".join(imports))
    return prelude + "\n".join(statements(dashboard)) + "\n"


def compile_all(directory, packages, sources):
    """One run of the compiler: what it says about each file, by its name."""
    for name, text in sources.items():
        (directory / f"{name}.ts").write_text(text)
    (directory / "tsconfig.json").write_text(json.dumps({"compilerOptions": {
        "strict": True, "noEmit": True, "skipLibCheck": True, "module": "commonjs", "moduleResolution": "node10",
        "target": "es2022", "types": [], "baseUrl": ".", "paths": {"*": [f"{packages}/*"]}}, "files": [f"{name}.ts" for name in sources]}))
    result = subprocess.run(["node", packages / "typescript" / "bin" / "tsc", "-p", directory], capture_output=True, text=True,
                            timeout=120, check=False)
    errors = {name: [line for line in result.stdout.splitlines() if f"/{name}.ts(" in "/" + line] for name in sources}
    assert result.returncode == 0 or any(errors.values()), result.stdout + result.stderr
    return errors


RELEASES = {"oldest": ("grafana-schema-oldest", True), "newest": ("@grafana/schema", False)}
MISTAKES = {
    "an option that there is not": lambda dashboard: panels_of(dashboard)[1]["options"].update(showHeadre=True),
    "a value that it may not have": lambda dashboard: panels_of(dashboard)[0]["options"].update(colorMode="backgroud"),
    "a field setting that there is not": lambda dashboard: panels_of(dashboard)[1]["fieldConfig"]["defaults"].update(unti="s"),
    "a query setting that there is not": lambda dashboard: panels_of(dashboard)[0]["targets"][0].update(legend="x"),
    "a text for a number": lambda dashboard: dashboard.update(schemaVersion="39"),
}


@pytest.fixture(scope="module")
def errors(tmp_path_factory, packages):
    sources = {f"{release}-{file.removesuffix('.json')}": source(*RELEASES[release], load(file)) for release in RELEASES for file in FILES}
    for index, mistake in enumerate(MISTAKES.values()):
        dashboard = load("overview.json")
        mistake(dashboard)
        sources |= {f"{release}-mistake-{index}": source(*RELEASES[release], dashboard) for release in RELEASES}
    return compile_all(tmp_path_factory.mktemp("types"), packages, sources)


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("file", FILES)
def test_every_part_has_the_type_that_grafana_publishes(errors, release, file):
    assert errors[f"{release}-{file.removesuffix('.json')}"] == []


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found(errors, release, mistake):
    assert errors[f"{release}-mistake-{list(MISTAKES).index(mistake)}"]


def test_the_packages_are_those_that_the_readme_names():
    versions = json.loads((HERE / "package.json").read_text())["devDependencies"]
    readme = (ROOT / "dashboards" / "README.md").read_text()
    assert versions["@grafana/schema"] in readme and versions["grafana-schema-oldest"].rpartition("@")[2] in readme
