#!/usr/bin/env node
// node-prune.mjs FOLDER
//
// Removes from FOLDER/node_modules what no program loads. Manifests stay, for scanners and for `exports`; licences stay.
import { chmodSync, globSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('node-prune.mjs: write `node-prune.mjs FOLDER`, the folder that holds node_modules');
  process.exit(64);
}

const types = ['*.ts', '*.mts', '*.cts', '*.map'];
const addonSources = ['*.{c,cc,cpp,h,hpp,gyp,gypi,mk}', '{*.,}Makefile'];
const others = ['*.{md,markdown,yml,yaml}', 'Dockerfile*', '*.sh', '.*'];
const keep = /^(licen[cs]e|notice|copying)/i;

// Only at the top of a package: further down, `test` can be a module like any other.
const folders = ['test', 'tests', 'doc', 'docs', 'example', 'examples', 'benchmark', 'benchmarks', '.*'];

const inside = (pattern) => globSync(pattern, { cwd: folder });
const remove = (path) => rmSync(join(folder, path), { recursive: true, force: true });

for (const manifest of inside('**/node_modules/{*,@*/*}/package.json')) {
  const { main, exports, imports, bin } = JSON.parse(readFileSync(join(folder, manifest), 'utf8'));
  const loaded = JSON.stringify([main, exports, imports, bin]);
  const found = inside(`${dirname(manifest)}/{${folders}}/`);
  found.filter((path) => !loaded.includes(`${basename(path)}/`)).forEach(remove);
}

for (const path of inside(`**/node_modules/**/{${[...types, ...addonSources, ...others]}}`)) {
  if (!keep.test(basename(path))) remove(path);
}
remove('node_modules/.bin');

// Scripts are for a shell or for `env`, and an image from scratch has neither: what is left of them is loaded, not run.
for (const path of inside('**/node_modules/**').map((path) => join(folder, path))) {
  const stat = statSync(path);
  if (stat.isFile() && stat.mode & 0o111 && readFileSync(path).subarray(0, 2).equals(Buffer.from('#!'))) {
    chmodSync(path, stat.mode & ~0o111);
  }
}
