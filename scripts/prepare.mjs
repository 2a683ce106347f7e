// Makes a clone ready to run: checks Node, installs what package-lock.json says, builds what is stale. Does nothing when all is
// in place, and waits for another process that is doing it. Plain JavaScript without dependencies: it runs before there are any.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative, sep } from "node:path";
import { root, run } from "./steps.mjs";

const LOCK = join(root, "build", ".preparing");
const INSTALLED = join(root, "node_modules", ".wafermark-installed");
const BUILT = join(root, "build", ".wafermark-built");
const POLL_MS = 250;
/** A lock without an owner's name this old was left by a process that died between two steps. */
const NAMELESS_MS = 10_000;

const SOURCES = [
  "assembly",
  "harness",
  "reports",
  "datasets",
  "zoo",
  "scripts/build.mjs",
  "scripts/plugins.mjs",
  "asconfig.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "package.json",
  "package-lock.json",
];
/** Made by the build itself. */
const GENERATED = join("harness", "engine", "plugins.generated.ts");
const OUTPUTS = [
  "dist/harness/cli.js",
  "build/release.wasm",
  "build/scalar.wasm",
  "build/debug.wasm",
  "build/relaxed.wasm",
  "build/hashes.json",
];

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major > 22) return;
  process.stderr.write(
    `error[node] Node ${process.versions.node} is too old: expected 20.19 or newer in 20.x, or 22.13 or newer\n` +
      "  try: https://nodejs.org/en/download, or a version manager\n  nothing was written\n",
  );
  process.exit(2);
}

function textOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function stamp(path, text) {
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
}

/** True when node_modules holds every package of the lock file at its version (those of other platforms left out). */
function isInstalledByHand(lockText) {
  const present = textOf(join(root, "node_modules", ".package-lock.json"));
  if (present === undefined) return false;
  const have = JSON.parse(present).packages ?? {};
  return Object.entries(JSON.parse(lockText).packages)
    .filter(([path, entry]) => path !== "" && entry.optional !== true)
    .every(([path, { version }]) => have[path]?.version === version);
}

function install() {
  const lockText = readFileSync(join(root, "package-lock.json"), "utf8");
  const wanted = createHash("sha256").update(lockText).digest("hex");
  if (textOf(INSTALLED) === wanted) return;
  if (!isInstalledByHand(lockText)) {
    // Under npm its own program is known; on its own, whatever `npm` is in the path.
    const npm = process.env.npm_execpath;
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    if (npm !== undefined && npm.endsWith(".js")) run(process.execPath, [npm, ...args], "install");
    else run(process.platform === "win32" ? "npm.cmd" : "npm", args, "install");
  }
  stamp(INSTALLED, wanted);
}

function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}

/** One hash over names and contents of all sources. */
function sourceHash() {
  const hash = createHash("sha256").update(`node ${process.versions.node.split(".")[0]}\n`);
  for (const path of SOURCES.flatMap((source) => filesUnder(join(root, source)))) {
    const name = relative(root, path);
    if (name === GENERATED) continue;
    const content = createHash("sha256").update(readFileSync(path)).digest("hex");
    hash.update(`${name.split(sep).join("/")} ${content}\n`);
  }
  return hash.digest("hex");
}

function build() {
  const wanted = sourceHash();
  const whole = OUTPUTS.every((name) => existsSync(join(root, name)));
  if (whole && textOf(BUILT) === wanted) return;
  run(process.execPath, [join(root, "scripts", "build.mjs")], "build");
  stamp(BUILT, wanted);
}

function isReady() {
  const lockText = readFileSync(join(root, "package-lock.json"), "utf8");
  return (
    textOf(INSTALLED) === createHash("sha256").update(lockText).digest("hex") &&
    OUTPUTS.every((name) => existsSync(join(root, name))) &&
    textOf(BUILT) === sourceHash()
  );
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** True when the lock's owner is gone. */
function isAbandoned() {
  const owner = Number(textOf(join(LOCK, "pid")));
  if (owner > 0) return !isAlive(owner);
  try {
    return Date.now() - statSync(LOCK).mtimeMs > NAMELESS_MS;
  } catch {
    return false; // released in this moment
  }
}

function takeLock() {
  mkdirSync(join(root, "build"), { recursive: true });
  let told = false;
  for (;;) {
    try {
      mkdirSync(LOCK);
      writeFileSync(join(LOCK, "pid"), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (isAbandoned()) {
      rmSync(LOCK, { recursive: true, force: true });
      continue;
    }
    if (!told) process.stderr.write("[wafermark] another process is installing or building: waiting ...\n");
    told = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
}

checkNode();
if (!isReady()) {
  takeLock();
  // Also when a step ends the process.
  process.on("exit", () => rmSync(LOCK, { recursive: true, force: true }));
  for (const name of ["SIGINT", "SIGTERM"])
    process.on(name, () => process.exit(name === "SIGINT" ? 130 : 143));
  install();
  build();
}
