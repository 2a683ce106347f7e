import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/**", "build/**", "coverage/**", "assembly/**", "node_modules/**", "wafermark-out/**"] },
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers and booleans read well inside a template literal.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "no-restricted-properties": [
        "error",
        ...[
          "random",
          "exp",
          "expm1",
          "log",
          "log10",
          "log2",
          "log1p",
          "sin",
          "cos",
          "tan",
          "atan",
          "atan2",
          "pow",
          "sinh",
          "cosh",
          "tanh",
          "hypot",
          "cbrt",
        ].map((property) => ({
          object: "Math",
          property,
          message: "not the same bits on every machine: use core/elementary.ts or core/rng.ts",
        })),
      ],
      eqeqeq: "error",
    },
  },
  {
    // Axes and clocks are drawn, never hashed.
    files: ["reports/**/*.ts", "harness/engine/measure*.ts", "test/**/*.ts"],
    rules: { "no-restricted-properties": "off" },
  },
);
