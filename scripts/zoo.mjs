// Trains every model of the zoo (or the named ones) again by the command recorded in it, and says whether its bytes came out the
// same: `npm run zoo -- [--write] [--threads n] [name...]`. With --write the new files take the place of those that came out otherwise,
// entry by entry, which is what a change of a data set or of the training asks for; without it such an entry ends with exit 4.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./steps.mjs";

const DIFFERENT = 4;
const zoo = join(root, "zoo");
const cli = join(root, "dist", "harness", "cli.js");
const say = (text) => process.stdout.write(`${text}\n`);

class Refusal extends Error {
  constructor(problem, exitCode = 2) {
    super(problem);
    this.exitCode = exitCode;
  }
}

function optionsOf(args) {
  const options = { write: { type: "boolean", default: false }, threads: { type: "string" } };
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    throw new Refusal(error.message);
  }
}

function entriesOf(wanted) {
  const all = readdirSync(zoo)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();
  const unknown = wanted.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Refusal(`expected one of ${all.join(", ")}, got ${unknown}`);
  return wanted.length === 0 ? all : wanted;
}

/** The words behind "wafermark" of the recorded command. */
function recordedArguments(name, training) {
  const [program, ...words] = (training?.command ?? "no command").split(" ");
  if (program !== "wafermark" || words[0] !== "train")
    throw new Refusal(
      `zoo/${name}.json: expected the command of a training, got ${[program, ...words].join(" ")}`,
    );
  return words;
}

function retrain(name, training, folder, threads) {
  const given = recordedArguments(name, training);
  const words = [cli, ...given, "--name", name, "--out", folder, "--quiet"];
  if (threads !== undefined) words.push("--threads", threads);
  const { status, signal, error } = spawnSync(process.execPath, words, {
    cwd: root,
    stdio: ["inherit", "ignore", "inherit"],
  });
  if (error) throw error;
  if (status !== 0) throw new Refusal(`${name}: ${training.command}: exit ${status ?? signal}`, status ?? 1);
}

const emdOf = ({ chip, validationEmd }) => (chip?.validationEmd ?? validationEmd)?.toFixed(4) ?? "none";

/** Replaces both files of an entry; the manifest holds the binary's hash and comes last. */
function replace(name, fresh) {
  for (const suffix of [".bin", ".json"]) {
    const place = join(zoo, `${name}${suffix}`);
    writeFileSync(`${place}.part`, fresh[suffix]);
    renameSync(`${place}.part`, place);
  }
}

function check(name, { write, threads }) {
  const folder = mkdtempSync(join(tmpdir(), "wafermark-zoo-"));
  const read = (from) =>
    Object.fromEntries([".json", ".bin"].map((end) => [end, readFileSync(join(from, `${name}${end}`))]));
  try {
    const old = read(zoo);
    const before = JSON.parse(old[".json"].toString()).training;
    const begun = performance.now();
    retrain(name, before, folder, threads);
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    const fresh = read(folder);
    const after = JSON.parse(fresh[".json"].toString()).training;
    const isSame = [".json", ".bin"].every((end) => old[end].equals(fresh[end]));
    const weights = old[".bin"].equals(fresh[".bin"]) ? "the same weights, another record" : "other weights";
    const emd = `validation EMD ${emdOf(before)} -> ${emdOf(after)}`;
    say(`${name}: ${isSame ? "the same bytes" : weights}, ${emd}, ${seconds} s`);
    if (!isSame && write) replace(name, fresh);
    return isSame;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main() {
  const { values, positionals } = optionsOf(process.argv.slice(2));
  const different = entriesOf(positionals).filter((name) => !check(name, values));
  if (different.length === 0) say("every entry came out as it is committed");
  else say(`${values.write ? "written" : "not as committed"}: ${different.join(", ")}`);
  process.exitCode = different.length === 0 || values.write ? 0 : DIFFERENT;
}

try {
  main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`zoo: ${error.message}\n`);
  process.exitCode = error.exitCode;
}
