/** Declaration of the principal component kernel for float64 tables: see pcadeclaration.ts. */
import { defineKernel } from "../core/kernel.js";
import { pcaKernel } from "./pcadeclaration.js";

export const kernel = defineKernel(pcaKernel("f64"));
