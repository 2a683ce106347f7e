/** Declaration of the way back from principal components to float64 rows: see projectiondeclaration.ts. */
import { defineKernel } from "../core/kernel.js";
import { inverseKernel } from "./projectiondeclaration.js";

export const kernel = defineKernel(inverseKernel("f64"));
