/** Declaration of the kernel of moments of float64 tables: see momentsdeclaration.ts. */
import { defineKernel } from "../core/kernel.js";
import { momentsKernel } from "./momentsdeclaration.js";

export const kernel = defineKernel(momentsKernel("f64"));
