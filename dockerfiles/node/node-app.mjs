#!/usr/bin/env node
// node-app.mjs TOP ARCH SERVICE [SHARED...] --files [FILE...] <COMMANDS
//
// Selects what the image holds below /app: package.json, node_modules, the service's program and its FILEs.
//   TOP/built     the folders SERVICE and SHARED, built; `made` lists what the script `build` made in SERVICE
//   TOP/src       the same folders with the packages that run, for ARCH (amd64, arm64)
//   TOP/packages  is written: node_modules, which changes seldom
//   TOP/rootfs    is written: the program and its files
//
// The program is what `build` made or, where it made nothing, the sources; without tests, documentation, dot files. A FILE is
// shipped as it is. One that brings a node_modules, as Next.js' .next/standalone does, replaces the installed one.
//
// COMMANDS are JSON lists of words, one a line: each script that they start must be there.
import { chmodSync, cpSync, existsSync, globSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, normalize, relative, resolve } from 'node:path';
import { isAbout, isUnused, makePlain, pruneAll } from './node-prune.mjs';
import { copiesOf, manifestOf, published } from './node-shared.mjs';

const fail = (message) => {
  console.error(`node-app: ${message}`);
  process.exit(1);
};

const [folder, arch, service, ...rest] = process.argv.slice(2);
const top = resolve(folder);
const shared = rest.slice(0, rest.indexOf('--files'));
const files = rest.slice(rest.indexOf('--files') + 1);
const source = join(top, 'built', service);
const app = join(top, 'rootfs/app');
const packages = join(top, 'packages/app');

const copy = (from, to) => cpSync(from, to, { recursive: true, verbatimSymlinks: true });

/** All that is in a folder, but not below folders called `skip`; paths are relative. readdirSync({ recursive: true }) follows links. */
function* walk(folder, skip = '', prefix = '') {
  for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
    const path = join(prefix, entry.name);
    yield { path, entry };
    if (entry.isDirectory() && entry.name !== skip) yield* walk(folder, skip, path);
  }
}

const isHidden = (path) => /(^|\/)(\.|(__tests__|node_modules)\/)|^(tests?|coverage)\//.test(path);
const isTooling = (path) => /^(package-lock\.json|pnpm-(lock|workspace)\.yaml|tsconfig.*\.json|biome\.jsonc?|eslint\.config\.\w+)$|\.d\.[cm]?ts$/.test(path);

/** The program's files. */
function program() {
  const made = readFileSync(join(top, 'built/made'), 'utf8').split('\n').filter((path) => path && !path.endsWith('.tsbuildinfo'));
  if (made.length > 0) return made.map(normalize).filter((path) => !isHidden(path) && !isUnused(basename(path)));
  return [...walk(source, 'node_modules')]
    .filter(({ path, entry }) => !entry.isDirectory() && !isHidden(path) && !isTooling(path) && !isAbout(entry.name))
    .map(({ path }) => path);
}

/** Brings the installed packages; a link to a shared folder becomes the files of that. */
function bring(modules, to) {
  if (!existsSync(modules)) return;
  copy(modules, join(packages, to));
  for (const path of globSync(['*', '@*/*'], { cwd: modules })) {
    if (!lstatSync(join(modules, path)).isSymbolicLink()) continue;
    const folder = relative(realpathSync(join(top, 'src')), join(realpathSync(dirname(join(modules, path))), readlinkSync(join(modules, path))));
    if (!shared.includes(folder)) continue; // pnpm's own
    rmSync(join(packages, to, path));
    bringShared(folder, join(to, path));
    bring(join(top, 'src', folder, 'node_modules'), join(to, path, 'node_modules'));
  }
}

/** Brings the files of a shared folder. */
function bringShared(folder, to) {
  const from = join(top, 'built', folder);
  const shipped = published(from).filter((path) => !isHidden(path) && !isUnused(basename(path)));
  const { main, exports } = manifestOf(from);
  for (const [, path] of JSON.stringify({ main, exports }).matchAll(/"(?!types")[^"]*":"\.?\/?([^"*]+)"/g)) {
    if (!shipped.includes(path) && !/\.d\.[cm]?ts$/.test(path)) {
      fail(`${folder}/package.json: exports ${path}, which is not among its files, or which Node.js does not load from node_modules: add a script \`build\`, and export what it makes`);
    }
  }
  for (const path of shipped) copy(join(from, path), join(app, to, path));
}

/** The packages in a folder's node_modules, at any depth; paths are relative to the folder. */
const packagesIn = (folder) =>
  [...walk(folder)].map(({ path }) => path)
    .filter((path) => /(^|\/)node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/.test(path))
    .map((path) => dirname(path));

/**
 * Exchanges the native code in a node_modules that was made on this machine for that of the target, from what is installed. Of a
 * package for another processor that others name as optional, the others that they name are taken, as far as they fit.
 */
function retarget(folder) {
  const installed = join(top, 'src', service);
  const cpu = arch === 'amd64' ? 'x64' : arch;
  const manifests = new Map(packagesIn(folder).map((path) => [path, manifestOf(join(folder, path))]));
  const optional = [...manifests.values()].map(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}));
  for (const [path, { name, cpu: only }] of manifests) {
    const own = join(installed, path.slice(path.indexOf('node_modules/')));
    if (only && !only.includes(cpu)) {
      rmSync(join(folder, path), { recursive: true });
      for (const other of optional.filter((names) => names.includes(name)).flat()) {
        const from = join(installed, 'node_modules', other);
        if (existsSync(from) && manifestOf(from).cpu?.includes(cpu)) copy(from, join(folder, path.slice(0, -name.length), other));
      }
    } else if (existsSync(own)) {
      const addons = [...walk(own)].filter(({ path: file }) => file.endsWith('.node') && existsSync(join(folder, path, file)));
      for (const { path: file } of addons) copy(join(own, file), join(folder, path, file));
    }
  }
}

/** The words of a command, past `node` and its options, that name a script. */
function scriptOf([first, ...words]) {
  if (!['node', '/usr/local/bin/node'].includes(first)) return first;
  while (words.length > 0) {
    const word = words.shift();
    if (!word.startsWith('-')) return word;
    if (['-e', '--eval', '-p', '--print'].includes(word)) return undefined;
    if (['-r', '--require', '--import', '--loader', '-C', '--conditions'].includes(word)) words.shift();
  }
  return undefined;
}

function check(command) {
  const script = scriptOf(command);
  if (script === undefined) return;
  const inside = script.startsWith('/') ? script : join('/app', script);
  const found = ['rootfs', 'packages', 'base'].some((layer) => {
    try {
      return createRequire('/').resolve(join(top, layer, inside));
    } catch {
      return false;
    }
  });
  if (found && script !== command[0]) return;
  if (found && script.startsWith('/')) return;
  const shipped = [...new Set(readdirSync(app))].join(', ');
  const what = script === command[0] ? 'which is not a program of the image; start a script: [node, SCRIPT]' : 'which is not in the image';
  fail(`command ${JSON.stringify(command)} starts ${script}, ${what}; /app holds ${shipped}: correct the command, or name the file in \`files\` of ${service}/service.yaml`);
}

mkdirSync(app, { recursive: true });
mkdirSync(packages, { recursive: true });
for (const path of ['package.json', ...program()]) copy(join(source, path), join(app, path));
for (const path of files) {
  if (!existsSync(join(source, path))) fail(`files of ${service}/service.yaml names ${path}, which is not in ${service}, nor made by \`npm run build\``);
  copy(join(source, path), join(app, path));
}

// What the build brought of node_modules is packages too.
const brought = [...walk(app, 'node_modules')].map(({ path }) => path).filter((path) => basename(path) === 'node_modules');
for (const path of brought) {
  copy(join(app, path), join(packages, path));
  rmSync(join(app, path), { recursive: true });
  retarget(join(packages, dirname(path)));
}
if (brought.length === 0) {
  bring(join(top, 'src', service, 'node_modules'), 'node_modules');
  for (const folder of shared) {
    for (const path of copiesOf(manifestOf(join(top, 'built', folder)).name, packages)) bringShared(folder, relative(packages, path));
  }
}
pruneAll(packages, arch);

// A checkout's modes depend on the umask of whoever made it.
for (const folder of [app, packages]) {
  for (const { path, entry } of walk(folder)) {
    if (entry.isSymbolicLink()) continue;
    const file = join(folder, path);
    if (entry.isFile()) makePlain(file);
    chmodSync(file, statSync(file).mode & 0o111 ? 0o755 : 0o644);
  }
}
readFileSync(0, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)).forEach(check);
