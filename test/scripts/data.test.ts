import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { BadInput } from "../../scripts/bad-input.js";
import { type CsvOptions, readLabelledCsv, readNumericCsv } from "../../scripts/data/csv.js";
import { fashionMnist } from "../../scripts/data/fashion-mnist.js";
import { readIdx, readImages } from "../../scripts/data/idx.js";

const folder = mkdtempSync(join(tmpdir(), "data-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function write(contents: string | Uint8Array, name = `file-${files++}`): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

/** What is wrong, without the folder of the file. */
function complaint(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(BadInput);
    return (error as Error).message.replaceAll(`${folder}/`, "");
  }
  return "nothing";
}

describe("CSV", () => {
  const flowers = "length,width,kind\n5.1,3.5,setosa\n7,3.2,versicolor\n4.9,3,setosa\n";

  test("with a header, by name, by number and by default", () => {
    const path = write(flowers);
    const expected = {
      features: expect.objectContaining({ columns: 2, values: Float64Array.of(5.1, 3.5, 7, 3.2, 4.9, 3) }),
      labels: [0, 1, 0],
      classes: ["setosa", "versicolor"],
      names: ["length", "width"],
    };
    expect(readLabelledCsv(path)).toEqual(expected);
    expect(readLabelledCsv(path, { label: "kind" })).toEqual(expected);
    expect(readLabelledCsv(path, { label: 2, header: true })).toEqual(expected);
  });

  test("without a header", () => {
    const { features, labels, names, classes } = readLabelledCsv(write("b,1,2\na,3,4\nb,5,6\n"), {
      label: 0,
    });
    expect(Array.from(features.values)).toEqual([1, 2, 3, 4, 5, 6]);
    expect({ labels, names, classes }).toEqual({
      labels: [1, 0, 1],
      names: ["column 1", "column 2"],
      classes: ["a", "b"],
    });
  });

  test("of numbers only, where a header is told by its names, or by the caller", () => {
    expect(readNumericCsv(write("x,y\n1,2\n3,4\n"))).toMatchObject({ targets: [2, 4], names: ["x"] });
    expect(readNumericCsv(write("1,2\n3,4\n"))).toMatchObject({ targets: [2, 4], names: ["column 0"] });
    expect(readNumericCsv(write("1,2\n3,4\n"), { header: true })).toMatchObject({
      targets: [4],
      names: ["1"],
    });
  });

  test("classes that are numbers are sorted as such", () => {
    expect(readLabelledCsv(write("0,10\n0,9\n0,10\n")).classes).toEqual(["9", "10"]);
  });

  test("quotes, other delimiters, spaces, empty lines, a byte order mark, gzip", () => {
    const text = '\ufeff"a;b" ; "c ""d"""\r\n\r\n 1e-3 ;x\r\n-2;y\r\n';
    for (const contents of [text, gzipSync(text)]) {
      const { features, names, classes } = readLabelledCsv(write(contents), { delimiter: ";" });
      expect(Array.from(features.values)).toEqual([0.001, -2]);
      expect({ names, classes }).toEqual({ names: ["a;b"], classes: ["x", "y"] });
    }
  });

  test.each<[string, CsvOptions, string]>([
    ["a,b\n1,x\n\noops,y\n", {}, ', line 4: a must be a number, got "oops"'],
    ["a,b\n1,x\n,y\n", {}, ', line 3: a must be a number, got ""'],
    ["1,2\n3,NaN\n", { label: 0 }, ', line 2: column 1 must be a number, got "NaN"'],
    ["a,b\n1,x\n1,y,z\n", {}, ", line 3: must have 2 fields, as line 1 has, got 3"],
    ['a,b\n"1,x\n', {}, ", line 2: must be CSV (Quote Not Closed: "],
    ["", {}, ": must have rows of data, got an empty file"],
    ["a,b\n", {}, ": must have rows of data, got only line 1"],
    ["a\n1\n", { header: true }, ": must have a column to predict and others, got 1 column"],
    ["a,b\n1,x\n", { label: "c" }, ', line 1: has no column "c", only a, b'],
    ["1,2\n", { label: "c", header: false }, ': label must be a number, for no line names columns, got "c"'],
    ["1,2\n", { label: 2 }, ": label must be a column from 0 to 1, got 2"],
    ["1,2\n", { label: -3 }, ": label must be a column from 0 to 1, got -3"],
  ])("refuses %j with %j", (contents, options, message) => {
    const path = write(contents, "table.csv");
    expect(complaint(() => readLabelledCsv(path, options))).toContain(`table.csv${message}`);
  });

  test("refuses a target that is no number, and a file that is not there", () => {
    expect(complaint(() => readNumericCsv(write("a,b\n1,x\n", "table.csv")))).toBe(
      'table.csv, line 2: b must be a number, got "x"',
    );
    expect(complaint(() => readNumericCsv(join(folder, "none.csv")))).toBe(
      "none.csv: cannot be read: there is no such file or folder",
    );
  });
});

/** An IDX file of bytes. */
function idx(shape: readonly number[], values: readonly number[], type = 8): Uint8Array {
  const sizes = shape.flatMap((length) => [
    length >>> 24,
    (length >> 16) & 255,
    (length >> 8) & 255,
    length & 255,
  ]);
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...values]);
}

const images = idx([2, 2, 3], [0, 51, 255, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
const labels = idx([2], [3, 9]);

describe("IDX", () => {
  test("plain and gzipped", () => {
    for (const contents of [images, gzipSync(images)]) {
      const { shape, values } = readIdx(write(contents));
      expect(shape).toEqual([2, 2, 3]);
      expect(Array.from(values)).toEqual([0, 51, 255, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });

  test("sizes take four bytes", () => {
    const long = idx([70_000], new Array(70_000).fill(7));
    expect(readIdx(write(long)).shape).toEqual([70_000]);
  });

  test("images become rows from 0 to 1", () => {
    const [imagesPath, labelsPath] = [write(images), write(labels)];
    const all = readImages(imagesPath, labelsPath);
    expect(all.features.columns).toBe(6);
    expect(Array.from(all.features.values.subarray(0, 3))).toEqual([0, 0.2, 1]);
    expect(all.labels).toEqual([3, 9]);
    const first = readImages(imagesPath, labelsPath, 1);
    expect([first.features.rows, first.labels]).toEqual([1, [3]]);
  });

  test.each<[Uint8Array, string]>([
    [Uint8Array.from([]), "must be an IDX file, got one that starts with nothing"],
    [Uint8Array.from([80, 75, 3, 4]), "must be an IDX file, got one that starts with 50 4b 03 04"],
    [Uint8Array.from([0, 0, 8, 3, 0]), "must be an IDX file, got one that starts with 00 00 08 03"],
    [idx([1], [0, 0, 0, 0], 0x0d), "must be an IDX file of bytes (type 08), got type 0d"],
    [images.subarray(0, 20), "must hold 2 × 2 × 3 = 12 bytes, got 4"],
    [idx([2], [1, 2, 3]), "must hold 2 = 2 bytes, got 3"],
    [gzipSync(images).subarray(0, 20), "must be a whole gzip file (unexpected end of file)"],
  ])("refuses %j", (contents, message) => {
    expect(complaint(() => readIdx(write(contents, "images")))).toBe(`images: ${message}`);
  });

  test("refuses images and labels that do not belong together", () => {
    const [imagesPath, three] = [write(images, "images"), write(idx([3], [1, 2, 3]), "labels")];
    expect(complaint(() => readImages(imagesPath, three))).toBe(
      "labels: must have one label per image (2), got 3",
    );
    expect(complaint(() => readImages(imagesPath, imagesPath))).toBe(
      "images: must be a list of labels, got shape 2 × 2 × 3",
    );
    const two = write(labels, "labels");
    expect(complaint(() => readImages(imagesPath, two, 3))).toBe(
      "limit: must be a whole number from 1 to 2, got 3",
    );
    const [none, nobody] = [write(idx([0, 2], []), "images"), write(idx([0], []), "labels")];
    expect(complaint(() => readImages(none, nobody))).toBe("images: must hold images, got none");
  });
});

describe("Fashion-MNIST", () => {
  test("is found in its folder, packed or not", () => {
    write(gzipSync(images), "train-images-idx3-ubyte.gz");
    write(gzipSync(labels), "train-labels-idx1-ubyte.gz");
    write(images, "t10k-images-idx3-ubyte");
    write(labels, "t10k-labels-idx1-ubyte");
    for (const split of ["train", "test"] as const)
      expect(fashionMnist({ split, folder, limit: 1 }).labels).toEqual([3]);
  });

  test("has two halves", () => {
    expect(complaint(() => fashionMnist({ split: "valid" as never, folder }))).toBe(
      'split: must be "train" or "test", got "valid"',
    );
  });

  test("says how to get it where it is not", () => {
    expect(complaint(() => fashionMnist({ split: "train", folder: "/nowhere" }))).toBe(
      "/nowhere: has no train-images-idx3-ubyte, to get it: apt-get install dataset-fashion-mnist",
    );
  });
});
