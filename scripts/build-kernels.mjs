// Compiles each layer's AssemblyScript kernels into a TypeScript module that holds the binary as base64,
// so that Node, browsers and bundlers load it alike, without a file to fetch.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

for (const folder of ["envs/kernels", "agents/kernels"]) {
  const entry = `${folder}/assembly/index.ts`;
  if (existsSync(entry)) writeIfChanged(`${folder}/wasm-module.ts`, moduleText(await compile(entry)));
}

/** @param {string} entry */
async function compile(entry) {
  let binary;
  const flags = "-O3 --noAssert --enable simd --runtime stub --importMemory --noExportMemory --use abort=";
  const { error, stderr } = await asc.main([entry, "--outFile", "kernels.wasm", ...flags.split(" ")], {
    writeFile: (_name, contents) => {
      binary = contents;
    },
  });
  if (error) throw new Error(`${entry} does not compile\n${stderr}`);
  return binary;
}

/** @param {Uint8Array} binary */
function moduleText(binary) {
  return `export const wasmBase64 =\n  "${Buffer.from(binary).toString("base64")}";\n`;
}

/** An untouched file keeps `tsc -b` from rebuilding everything below it. */
function writeIfChanged(path, text) {
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
}
