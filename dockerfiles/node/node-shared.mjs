#!/usr/bin/env node
// node-shared.mjs SERVICE [SHARED...]
//
// Runs the script `build` of each SHARED folder that has one, the last one first, and refreshes the copies that pnpm, or npm
// with install-links, made of it before its files were here. npm's links need no refreshing.
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** The files that `npm publish` would publish of a folder: its `files`, or all but what no package ships. */
export function published(folder) {
  const { stdout, stderr, status } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`listing the files of ${folder}: npm pack failed: ${stderr}`);
  return Object.values(JSON.parse(stdout))[0].files.map(({ path }) => path);
}

/** The folders in which a package manager put a copy of a package: not links. */
export const copiesOf = (name, folder) =>
  globSync([`node_modules/${name}`, `node_modules/.pnpm/*/node_modules/${name}`], { cwd: folder })
    .map((path) => join(folder, path))
    .filter((path) => lstatSync(path).isDirectory());

if (import.meta.main) {
  const [service, ...shared] = process.argv.slice(2);
  for (const folder of shared.toReversed()) {
    const { status } = spawnSync('npm', ['run', '--if-present', 'build'], { cwd: folder, stdio: 'inherit' });
    if (status !== 0) process.exit(1);
    for (const user of [service, ...shared]) {
      for (const copy of copiesOf(manifestOf(folder).name, user)) {
        for (const path of published(folder)) cpSync(join(folder, path), join(copy, path));
      }
    }
  }
}
