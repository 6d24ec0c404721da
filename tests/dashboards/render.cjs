// Makes of real data what a panel shows: Grafana's own transformations, overrides and value mappings (@grafana/data).
// From standard input: [{panel, frames}]; to standard output, for each, the frames with what their values say and how they look, and
// the overrides that mean no field.
const { readFileSync } = require('node:fs');
const { applyFieldOverrides, createTheme, fieldMatchers, getFieldDisplayName, standardFieldConfigEditorRegistry, standardTransformers,
  standardTransformersRegistry, toDataFrame, transformDataFrame, FieldConfigOptionsRegistry } = require('@grafana/data');

// What it looks for of a browser and of the application around it.
globalThis.window = {};
globalThis.navigator ??= { language: 'en-GB', languages: ['en-GB'] };
standardTransformersRegistry.setInit(() => [...new Set(Object.values(standardTransformers))].map((transformation) => (
  { id: transformation.id, name: transformation.name, transformation: async () => transformation })));

// What the application itself registers: every property that an override may set, taken as it is.
const plain = ['unit', 'decimals', 'displayName', 'noValue', 'color', 'thresholds', 'mappings', 'links', 'min', 'max'];
const custom = ['width', 'cellOptions', 'align', 'inspect', 'filterable', 'lineWidth', 'lineStyle'];
const take = (path, isCustom) => ({ id: isCustom ? `custom.${path}` : path, path, isCustom, name: path, override: () => null,
  editor: () => null, process: (value) => value, shouldApply: () => true, settings: {} });
const registry = new FieldConfigOptionsRegistry(() => [
  ...plain.map((path) => take(path, false)), ...custom.map((path) => take(path, true))]);
standardFieldConfigEditorRegistry.setInit(() => plain.map((path) => take(path, false)));

const transform = (transformations, frames) => new Promise((resolve, reject) => {
  transformDataFrame(transformations, frames, { interpolate: (text) => text }).subscribe({ next: resolve, error: reject });
});

function meansNoField({ matcher, properties }, frames) {
  const unknown = properties.filter(({ id }) => !registry.getIfExists(id));
  if (unknown.length) throw new Error(`no such property: ${unknown.map(({ id }) => id)}`);
  const matches = fieldMatchers.get(matcher.id).get(matcher.options);
  return !frames.some((frame) => frame.fields.some((field) => matches(field, frame, frames)));
}

async function show({ panel, frames }) {
  const unknown = (panel.transformations ?? []).filter(({ id }) => !standardTransformersRegistry.getIfExists(id));
  if (unknown.length) throw new Error(`no such transformation: ${unknown.map(({ id }) => id)}`);
  const transformed = await transform(panel.transformations ?? [], frames.map((frame) => toDataFrame(frame)));
  const shown = applyFieldOverrides({ data: transformed, fieldConfig: panel.fieldConfig, replaceVariables: (text) => text,
    theme: createTheme({ colors: { mode: 'light' } }), fieldConfigRegistry: registry, timeZone: 'utc' });
  const idle = panel.fieldConfig.overrides.filter((override) => meansNoField(override, transformed)).map(({ matcher }) => matcher.options);
  const made = shown.map((frame) => frame.fields.map((field) => ({
    name: getFieldDisplayName(field, frame, shown),
    cell: field.config.custom?.cellOptions?.type,
    links: (field.config.links ?? []).map((link) => link.url),
    cells: [...field.values].map((value) => {
      const { text, prefix, suffix, color } = field.display(value);
      return { value, text: `${prefix ?? ''}${text}${suffix ?? ''}`, color };
    }),
  })));
  return { frames: made, idle };
}

Promise.all(JSON.parse(readFileSync(0, 'utf8')).map(show)).then((shown) => process.stdout.write(JSON.stringify(shown)));
