#!/usr/bin/env node
// node-prune.mjs FOLDER
//
// Removes from FOLDER/node_modules what no program loads. Manifests stay, for scanners and for `exports`; licences stay.
import { globSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('node-prune.mjs: write `node-prune.mjs FOLDER`, the folder that holds node_modules');
  process.exit(64);
}

const types = ['*.ts', '*.mts', '*.cts', '*.map'];
const addonSources = ['*.{c,cc,cpp,h,hpp,gyp,gypi,mk}', '{*.,}Makefile'];
const words = ['*.{md,markdown,yml,yaml}', 'Dockerfile*', '.*'];
const keep = /^(licen[cs]e|notice|copying)/i;

// Only at the top of a package: further down, `test` can be a module like any other.
const folders = ['test', 'tests', 'doc', 'docs', 'example', 'examples', 'benchmark', 'benchmarks', '.*'];

const remove = (path) => rmSync(join(folder, path), { recursive: true, force: true });

for (const manifest of globSync('**/node_modules/{*,@*/*}/package.json', { cwd: folder })) {
  const { main, exports, imports, bin } = JSON.parse(readFileSync(join(folder, manifest), 'utf8'));
  const loaded = JSON.stringify([main, exports, imports, bin]);
  const found = globSync(`${dirname(manifest)}/{${folders}}/`, { cwd: folder });
  found.filter((path) => !loaded.includes(`${basename(path)}/`)).forEach(remove);
}

for (const path of globSync(`**/node_modules/**/{${[...types, ...addonSources, ...words]}}`, { cwd: folder })) {
  if (!keep.test(basename(path))) remove(path);
}
remove('node_modules/.bin');
