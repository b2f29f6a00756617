#!/usr/bin/env node
import { main } from "./main.js";
import { interrupted } from "./run/interrupts.js";

await main(process.argv);
if (process.exitCode === interrupted) process.exit();
