// The step that Grafana chooses for a panel of 600 pixels: from standard input ranges in seconds, to standard output milliseconds.
const { readFileSync } = require('node:fs');
const { dateTime, rangeUtil } = require('@grafana/data');

const interval = (range_s) => rangeUtil.calculateInterval({ from: dateTime(0), to: dateTime(range_s * 1000) }, 600, '1s').intervalMs;
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(interval)));
