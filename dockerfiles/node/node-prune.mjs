#!/usr/bin/env node
// node-prune.mjs ARCH FOLDER
//
// Removes from every node_modules in FOLDER what no program on ARCH (amd64, arm64) loads: types, sources, tests,
// documentation, native code for other systems. Manifests stay, for scanners and for `exports`; licences stay; so does
// whatever may be data.
import { chmodSync, closeSync, openSync, readdirSync, readFileSync, readSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const licence = /^(copyright|copying|notice|authors|patents)([._-]|$)|licen[cs]e/i;
const documentation = /\.(md|markdown|rst|adoc)$/i;
const test = /\.(test|spec)\.[cm]?[jt]sx?$/;
const unused = [
  documentation,
  test,
  /\.([cm]?tsx?|map|tsbuildinfo)$/, // Node.js refuses TypeScript below node_modules
  /\.(c|cc|cpp|cxx|h|hh|hpp|hxx|pc|a|la|o|go|rs|java|kt|swift|zig|gyp|gypi|mk)$|^(.*\.)?Makefile$|^CMakeLists\.txt$/,
  /\.(sh|dll|dylib|exe|lib|pdb)$|^Dockerfile/,
];

// Only at the top of a package: further down, `test` can be a module like any other.
const unusedAtTop = /^(test|tests|__tests__|docs?|examples?|benchmarks?|\..*|.*\.ya?ml)$/;

const entries = (folder) => readdirSync(folder, { withFileTypes: true });
const remove = (path) => rmSync(path, { recursive: true, force: true });

/** Whether a file of this name is loaded by no program, in a package. */
export const isUnused = (name) => !licence.test(name) && unused.some((pattern) => pattern.test(name));

/** Whether a file of this name documents or tests a program. */
export const isAbout = (name) => test.test(name) || (documentation.test(name) && !licence.test(name));

/** Removes what is unused from every node_modules in a folder. */
export function pruneAll(folder, arch) {
  for (const entry of entries(folder)) {
    if (!entry.isDirectory()) continue;
    if (entry.name === 'node_modules') pruneModules(join(folder, entry.name), arch);
    else pruneAll(join(folder, entry.name), arch);
  }
}

/** Prunes one node_modules; pnpm's .pnpm/PACKAGE/node_modules are within one. */
function pruneModules(folder, arch) {
  for (const entry of entries(folder)) {
    const path = join(folder, entry.name);
    if (entry.name === '.pnpm') {
      pruneAll(path, arch);
      remove(join(path, 'lock.yaml'));
    } else if (entry.name === '.bin' || (entry.name.startsWith('.') && entry.isFile())) remove(path); // the package manager's own
    else if (entry.isDirectory() && entry.name.startsWith('@')) pruneModules(path, arch);
    else if (entry.isDirectory()) prunePackage(path, arch);
  }
}

function prunePackage(folder, arch) {
  const loaded = entryPoints(join(folder, 'package.json'));
  for (const { name } of entries(folder)) {
    if (unusedAtTop.test(name) && !loaded.includes(`${name}/`)) remove(join(folder, name));
  }
  pruneFiles(folder, arch);
}

/** What a manifest says is loaded, as one text. */
function entryPoints(manifest) {
  try {
    const { main, exports, imports, bin } = JSON.parse(readFileSync(manifest, 'utf8'));
    return JSON.stringify([main, exports, imports, bin]);
  } catch {
    return ''; // none, or one that is a test's data
  }
}

function pruneFiles(folder, arch) {
  for (const entry of entries(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name === 'node_modules') pruneModules(path, arch);
    else if (entry.isDirectory()) pruneFiles(path, arch);
    else if (entry.isFile() && (isUnused(entry.name) || isForeign(path, arch))) remove(path);
    else if (entry.isFile()) makePlain(path);
  }
  if (entries(folder).length === 0) rmdirSync(folder);
}

/** Whether a file is native code for another system, another processor or another C library. */
function isForeign(path, arch) {
  if (!/\.node$|\.so(\.[0-9.]+)?$/.test(path)) return false;
  const content = readFileSync(path);
  const machine = content.subarray(0, 4).equals(Buffer.from('\x7fELF')) && content.readUInt16LE(18);
  return machine !== { amd64: 62, arm64: 183 }[arch] || /libc\.musl-|\0libc\.so\0/.test(content.toString('latin1'));
}

/** Scripts are for a shell or for `env`, and an image from scratch has neither: what is left of them is loaded, not run. */
export function makePlain(path) {
  const { mode } = statSync(path);
  if (!(mode & 0o111)) return;
  const start = Buffer.alloc(2);
  const file = openSync(path);
  readSync(file, start);
  closeSync(file);
  if (start.toString() === '#!') chmodSync(path, mode & ~0o111);
}

if (import.meta.main) {
  const [arch, folder] = process.argv.slice(2);
  if (!['amd64', 'arm64'].includes(arch) || folder === undefined) {
    console.error('node-prune.mjs: write `node-prune.mjs ARCH FOLDER`: amd64 or arm64, and the folder in which to look for node_modules');
    process.exit(64);
  }
  pruneAll(folder, arch);
}
