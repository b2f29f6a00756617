export {
  type CsvOptions,
  type LabelledCsv,
  type NumericCsv,
  readLabelledCsv,
  readNumericCsv,
} from "./csv.js";
export { type FashionMnistOptions, fashionMnist } from "./fashion-mnist.js";
export { type IdxArray, type LabelledImages, readIdx, readImages } from "./idx.js";
