// Tests of dockerfiles/node, without a network: node --test tools/lint/
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

const scripts = resolve('dockerfiles/node');
let top;
beforeEach(() => (top = mkdtempSync(join(tmpdir(), 'node-'))));
afterEach(() => rmSync(top, { recursive: true }));

function write(files) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), typeof content === 'object' && !Buffer.isBuffer(content) ? JSON.stringify(content) : content);
  }
}

function link(path, target) {
  mkdirSync(dirname(join(top, path)), { recursive: true });
  symlinkSync(target, join(top, path));
}

function files(folder, prefix = '') {
  if (!existsSync(join(top, folder, prefix))) return [];
  const entries = readdirSync(join(top, folder, prefix), { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? files(folder, join(prefix, entry.name)) : [join(prefix, entry.name)])).sort();
}

const run = (script, args, input = '') => spawnSync(join(scripts, script), args, { cwd: top, input, encoding: 'utf8' });

/** An ELF header: e_machine is at byte 18. */
const elf = (machine, text = '') => {
  const header = Buffer.alloc(64);
  header.write('\x7fELF', 'latin1');
  header.writeUInt16LE(machine, 18);
  return Buffer.concat([header, Buffer.from(text, 'latin1')]);
};
const [x64, arm64] = [62, 183];

describe('node-prune', () => {
  const pruned = (content, arch = 'amd64') => {
    write(Object.fromEntries(Object.entries(content).map(([path, text]) => [`node_modules/${path}`, text])));
    const { status, stderr } = run('node-prune.mjs', [arch, top]);
    assert.equal(status, 0, stderr);
    return files('node_modules');
  };

  it('removes what no program loads', () => {
    const gone = ['.bin/a', '.package-lock.json', 'a/README.md', 'a/index.d.ts', 'a/index.js.map', 'a/src/a.cc', 'a/lib/b.test.js', 'a/.github/x',
      'a/test/x.js', 'a/docs/x.html', 'a/binding.gyp', 'a/.travis.yml', '@s/b/spec.spec.mjs', 'a/node_modules/c/c.ts'];
    const kept = ['a/package.json', 'a/index.js', 'a/LICENSE.md', 'a/NOTICE', 'a/lib/test/index.js', 'a/lib/data.yml', 'a/lib/.htaccess', '@s/b/b.js',
      'test/index.js', '.prisma/client/index.js', 'a/node_modules/c/c.js'];
    assert.deepEqual(pruned(Object.fromEntries([...gone, ...kept].map((path) => [path, '{}']))), kept.sort());
  });

  it('keeps a folder that the manifest names', () => {
    const manifest = { exports: { './test': './test/index.js' } };
    assert.deepEqual(pruned({ 'a/package.json': manifest, 'a/test/index.js': '', 'a/tests/x.js': '' }), ['a/package.json', 'a/test/index.js']);
  });

  it("prunes pnpm's packages where they are", () => {
    link('node_modules/a', '.pnpm/a@1/node_modules/a');
    const kept = pruned({ '.pnpm/lock.yaml': '', '.modules.yaml': '', '.pnpm/a@1/node_modules/a/a.js': '', '.pnpm/a@1/node_modules/a/a.d.ts': '' });
    assert.deepEqual(kept, ['.pnpm/a@1/node_modules/a/a.js', 'a']);
  });

  it('removes native code for other systems', () => {
    const native = {
      'a/prebuilds/linux-x64.node': elf(x64, '\0libc.so.6\0'), 'a/prebuilds/linux-arm64.node': elf(arm64), 'a/prebuilds/darwin.node': 'Mach-O',
      'a/prebuilds/x64.musl.node': elf(x64, '\0libc.so\0'), 'a/musl.so': elf(x64, '\0libc.musl-x86_64.so.1\0'), 'a/a.dll': '', 'a/liba.so.1': elf(x64),
    };
    assert.deepEqual(pruned(native), ['a/liba.so.1', 'a/prebuilds/linux-x64.node']);
  });

  it('makes scripts plain files', () => {
    write({ 'node_modules/a/cli.js': '#!/usr/bin/env node\n', 'node_modules/a/tool': elf(x64) });
    for (const path of ['cli.js', 'tool']) spawnSync('chmod', ['755', join(top, 'node_modules/a', path)]);
    pruned({});
    assert.equal(statSync(join(top, 'node_modules/a/cli.js')).mode & 0o111, 0);
    assert.notEqual(statSync(join(top, 'node_modules/a/tool')).mode & 0o111, 0);
  });

  it('wants a processor that it knows', () => assert.equal(run('node-prune.mjs', ['riscv64', top]).status, 64));
});

describe('node-app', () => {
  const app = (args = [], commands = [['node', 'server.js']], arch = 'amd64') =>
    run('node-app.mjs', ['.', arch, 'services/s', ...args], `${commands.map((words) => JSON.stringify(words)).join('\n')}\n`);
  const ships = (args, commands, arch) => {
    const { status, stderr } = app(args, commands, arch);
    assert.equal(status, 0, stderr);
    return [files('rootfs/app'), files('packages/app')];
  };
  const service = (content, made = '') => {
    write({ 'built/made': made, 'base/usr/local/bin/node': '' });
    write(Object.fromEntries(Object.entries({ 'package.json': '{}', ...content }).map(([path, text]) => [`built/services/s/${path}`, text])));
  };
  const refuses = (why, ...args) => {
    const { status, stderr } = app(...args);
    assert.equal(status, 1, stderr);
    assert.match(stderr, why);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  };

  it('ships the sources where the script `build` makes nothing', () => {
    service({
      'server.js': '', 'lib/a.ts': '', 'views/a.ejs': '', 'public/a.js': '', 'test/a.js': '', 'lib/a.test.js': '', 'README.md': '', '.env': '',
      'package-lock.json': '', 'biome.json': '', 'tsconfig.json': '', 'coverage/a': '', 'lib/__tests__/a.js': '', LICENSE: '',
    }, './tsconfig.tsbuildinfo\n');
    assert.deepEqual(ships(['--files']), [['LICENSE', 'lib/a.ts', 'package.json', 'public/a.js', 'server.js', 'views/a.ejs'], []]);
  });

  it('ships what the script `build` made, and files', () => {
    service({ 'src/server.ts': '', 'dist/server.js': '', 'dist/server.d.ts': '', 'dist/server.js.map': '', '.x/cache': '', 'views/a.md': '' },
      './dist/server.js\n./dist/server.d.ts\n./dist/server.js.map\n./.x/cache\n');
    const [shipped] = ships(['--files', 'views', '.x'], [['node', '--import', './x.js', 'dist/server.js'], ['/usr/local/bin/node', 'dist/server']]);
    assert.deepEqual(shipped, ['.x/cache', 'dist/server.js', 'package.json', 'views/a.md']);
  });

  it('fails for a file that is not there', () => {
    service({ 'server.js': '' });
    refuses(/files of services\/s\/service.yaml names views, which is not in services\/s/, ['--files', 'views']);
  });

  it('fails for a command that would not start', () => {
    service({ 'server.js': '' });
    refuses(/starts dist\/server.js, which is not in the image; .*package.json, server.js: correct the command, or name the file in `files`/, ['--files'],
      [['node', 'dist/server.js']]);
    refuses(/starts next, which is not a program of the image; start a script/, ['--files'], [['node', 'server.js'], ['next', 'start']]);
  });

  it('takes a command without a script', () => {
    service({ 'server.js': '' });
    ships(['--files'], [['node', '-e', 'http.get()'], ['node', '-r', './x', 'server.js'], ['/usr/local/bin/node', 'server.js']]);
  });

  it('replaces a link to a shared folder by its files', () => {
    service({ 'server.js': '' });
    write({
      'built/libs/a/package.json': { name: '@t/a', version: '1.0.0', exports: { types: './dist/a.d.ts', default: './dist/a.js' }, files: ['dist'] },
      'built/libs/a/dist/a.js': '', 'built/libs/a/dist/a.d.ts': '', 'built/libs/a/src/a.ts': '',
      'src/libs/a/node_modules/b/b.js': '', 'src/services/s/node_modules/c/c.js': '', 'src/libs/a/package.json': '{}',
    });
    link('src/services/s/node_modules/@t/a', '../../../../libs/a');
    assert.deepEqual(ships(['libs/a', '--files']), [
      ['node_modules/@t/a/dist/a.js', 'node_modules/@t/a/package.json', 'package.json', 'server.js'],
      ['node_modules/@t/a/node_modules/b/b.js', 'node_modules/c/c.js'],
    ]);
  });

  it("fills pnpm's copy of a shared folder", () => {
    service({ 'server.js': '' });
    const manifest = { name: 'a', version: '1.0.0', main: 'a.js' };
    write({ 'built/libs/a/package.json': manifest, 'built/libs/a/a.js': '', 'src/services/s/node_modules/.pnpm/a@file/node_modules/a/package.json': manifest });
    link('src/services/s/node_modules/a', '.pnpm/a@file/node_modules/a');
    const [program, packages] = ships(['libs/a', '--files']);
    assert.ok(program.includes('node_modules/.pnpm/a@file/node_modules/a/a.js'), program);
    assert.ok(packages.includes('node_modules/a'), packages);
  });

  it('fails for a shared folder that exports TypeScript', () => {
    service({ 'server.js': '' });
    write({ 'built/libs/a/package.json': { name: 'a', version: '1.0.0', exports: './a.ts' }, 'built/libs/a/a.ts': '', 'src/libs/a/package.json': '{}' });
    link('src/services/s/node_modules/a', '../../../libs/a');
    refuses(/libs\/a\/package.json: exports a.ts, which .* add a script `build`/, ['libs/a', '--files']);
  });

  it('exchanges native code that a build brought', () => {
    service({ 'out/server.js': '', 'out/node_modules/s/package.json': { name: 's', optionalDependencies: { '@i/x64': '1', '@i/arm64': '1' } },
      'out/node_modules/@i/x64/package.json': { name: '@i/x64', cpu: ['x64'] }, 'out/node_modules/@i/x64/a.node': elf(x64),
      'out/node_modules/n/package.json': { name: 'n' }, 'out/node_modules/n/n.node': elf(x64) });
    write({ 'src/services/s/node_modules/@i/arm64/package.json': { name: '@i/arm64', cpu: ['arm64'] }, 'src/services/s/node_modules/@i/arm64/a.node': elf(arm64),
      'src/services/s/node_modules/n/n.node': elf(arm64), 'src/services/s/node_modules/unused/a.js': '' });
    const [program, packages] = ships(['--files', 'out'], [['node', 'out/server.js']], 'arm64');
    assert.deepEqual(program, ['out/server.js', 'package.json']);
    assert.deepEqual(packages.filter((path) => path.endsWith('.node')), ['out/node_modules/@i/arm64/a.node', 'out/node_modules/n/n.node']);
    assert.ok(!packages.some((path) => path.includes('unused') || path.includes('x64')), packages);
  });
});

describe('node-install', () => {
  it('needs a lock file where there are packages', () => {
    write({ 'a/package.json': { dependencies: { b: '1' } } });
    const { status, stderr } = run('node-install', ['a']);
    assert.equal(status, 1);
    assert.match(stderr, /^node-install: a: package.json names packages, and there is no lock file: run `npm install --package-lock-only`/);
  });

  it('says what to do with a lock file of yarn', () => {
    write({ 'a/package.json': {}, 'a/yarn.lock': '' });
    assert.match(run('node-install', ['--for', 'amd64', 'a']).stderr, /^node-install: a\/yarn.lock: the template installs with npm or pnpm: run/);
  });

  it('needs none where there are none', () => {
    write({ 'a/package.json': {} });
    assert.equal(run('node-install', ['a']).status, 0);
  });
});
