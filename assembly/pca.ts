// Principal components of a table: mean, covariance and its eigenpairs in one pass over the rows; and the same in pieces that
// stream (moments of a slab, merged in a fixed order into running ones, eigenpairs at the end) or run on several threads.
// float32 tables are multiplied and summed in float32 within blocks of 64 rows and in float64 beyond (_moments.ts).
import { BAD_SHAPE, NON_FINITE, OK } from "./_status";
import { Direction, affine } from "./_affine";
import { moments } from "./_moments";
import { addScaled } from "./_rows";
import { symmetricEigen } from "./_symmetric";

const MOST_COLUMNS: i32 = 1024;

@inline
function pointer(args: usize, index: usize): usize {
  return <usize>load<u32>(args + index * 4);
}

/** False when one of `count` float64 values is not finite. */
function areFinite(values: usize, count: i32): bool {
  let check: f64 = 0;
  for (const end = values + ((<usize>count) << 3); values < end; values += 8) {
    const x = load<f64>(values);
    check += x - x;
  }
  return check == 0;
}

/** Lower triangle = upper triangle. */
function mirror(matrix: usize, n: i32): void {
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < i; j++) {
      store<f64>(matrix + ((<usize>(i * n + j)) << 3), load<f64>(matrix + ((<usize>(j * n + i)) << 3)));
    }
  }
}

function scaleAll(values: usize, count: i32, factor: f64): void {
  for (const end = values + ((<usize>count) << 3); values < end; values += 8) {
    store<f64>(values, load<f64>(values) * factor);
  }
}

function principal<T>(args: usize, rows: i32, columns: i32): i32 {
  if (rows < 2 || columns < 1 || columns > MOST_COLUMNS) return BAD_SHAPE;
  const mean = pointer(args, 1);
  const covariance = pointer(args, 2);
  moments<T>(pointer(args, 0), rows, columns, mean, covariance, pointer(args, 5));
  mirror(covariance, columns);
  scaleAll(covariance, columns * columns, 1 / <f64>(rows - 1));
  if (!areFinite(mean, columns)) return NON_FINITE;
  return symmetricEigen(covariance, columns, pointer(args, 3), pointer(args, 4), pointer(args, 6));
}

/** args: data f32 [rows, columns]; mean, covariance, values, vectors (f64); scratch sums, eigen. Needs two rows. */
export function pcaF32(args: usize, rows: i32, columns: i32): i32 {
  return principal<f32>(args, rows, columns);
}

/** The same on float64. */
export function pcaF64(args: usize, rows: i32, columns: i32): i32 {
  return principal<f64>(args, rows, columns);
}

function momentsOfParts<T>(args: usize, parts: i32, rows: i32, columns: i32): i32 {
  if (parts < 0 || rows < 1 || columns < 1 || columns > MOST_COLUMNS) return BAD_SHAPE;
  let data = pointer(args, 0);
  let mean = pointer(args, 1);
  let scatter = pointer(args, 2);
  for (let part = 0; part < parts; part++) {
    moments<T>(data, rows, columns, mean, scatter, pointer(args, 3));
    mirror(scatter, columns);
    if (!areFinite(mean, columns) || !areFinite(scatter, columns * columns)) return NON_FINITE;
    data += <usize>rows * <usize>columns * sizeof<T>();
    mean += (<usize>columns) << 3;
    scatter += (<usize>(columns * columns)) << 3;
  }
  return OK;
}

/** Mean and scatter about it of each part of a table. args: data f32 [parts, rows, columns]; mean, scatter (f64); scratch. */
export function momentsF32(args: usize, parts: i32, rows: i32, columns: i32): i32 {
  return momentsOfParts<f32>(args, parts, rows, columns);
}

/** The same on float64. */
export function momentsF64(args: usize, parts: i32, rows: i32, columns: i32): i32 {
  return momentsOfParts<f64>(args, parts, rows, columns);
}

/**
 * Moments of the union of parts, in their order (Chan, Golub, LeVeque 1983). args: counts, means [parts, columns], scatters
 * [parts, columns, columns]; count, mean, scatter; scratch of one row. A part of no rows changes nothing.
 */
export function mergeMoments(args: usize, parts: i32, columns: i32): i32 {
  if (parts < 0 || columns < 1 || columns > MOST_COLUMNS) return BAD_SHAPE;
  const counts = pointer(args, 0);
  let means = pointer(args, 1);
  let scatters = pointer(args, 2);
  const mean = pointer(args, 4);
  const scatter = pointer(args, 5);
  const difference = pointer(args, 6);
  const row = (<usize>columns) << 3;
  let total: f64 = 0;
  memory.fill(mean, 0, row);
  memory.fill(scatter, 0, <usize>columns * row);
  for (let part = 0; part < parts; part++) {
    const count = load<f64>(counts + ((<usize>part) << 3));
    if (!(count >= 0)) return BAD_SHAPE;
    if (count > 0) {
      const share = count / (total + count);
      for (let o: usize = 0; o < row; o += 8) store<f64>(difference + o, load<f64>(means + o) - load<f64>(mean + o));
      for (let i = 0; i < columns; i++) {
        const line = scatter + <usize>i * row;
        addScaled(line, 1, scatters + <usize>i * row, columns);
        addScaled(line, load<f64>(difference + ((<usize>i) << 3)) * total * share, difference, columns);
      }
      addScaled(mean, share, difference, columns);
      total += count;
    }
    means += row;
    scatters += <usize>columns * row;
  }
  store<f64>(pointer(args, 3), total);
  mirror(scatter, columns);
  return areFinite(mean, columns) && areFinite(scatter, columns * columns) ? OK : NON_FINITE;
}

/** Eigenpairs of a symmetric matrix. args: matrix [n, n]; values, vectors; scratch. */
export function eigen(args: usize, n: i32): i32 {
  if (n < 1 || n > MOST_COLUMNS) return BAD_SHAPE;
  return symmetricEigen(pointer(args, 0), n, pointer(args, 1), pointer(args, 2), pointer(args, 3));
}

function project<T>(args: usize, rows: i32, columns: i32, components: i32, direction: Direction): i32 {
  if (rows < 0 || columns < 1 || columns > MOST_COLUMNS || components < 1 || components > columns) return BAD_SHAPE;
  affine<T>(
    pointer(args, 0),
    rows,
    columns,
    components,
    direction,
    pointer(args, 1),
    pointer(args, 2),
    pointer(args, 3),
    pointer(args, 4),
  );
  return OK;
}

/** scores = (data - mean) vectors'. args: data f32 [rows, columns], mean, vectors f64 [components, columns]; scores f32; scratch. */
export function pcaTransformF32(args: usize, rows: i32, columns: i32, components: i32): i32 {
  return project<f32>(args, rows, columns, components, Direction.Forward);
}

/** The same on float64. */
export function pcaTransformF64(args: usize, rows: i32, columns: i32, components: i32): i32 {
  return project<f64>(args, rows, columns, components, Direction.Forward);
}

/** data = scores vectors + mean. args: scores f32 [rows, components], mean, vectors f64; data f32 [rows, columns]; scratch. */
export function pcaInverseF32(args: usize, rows: i32, columns: i32, components: i32): i32 {
  return project<f32>(args, rows, columns, components, Direction.Back);
}

/** The same on float64. */
export function pcaInverseF64(args: usize, rows: i32, columns: i32, components: i32): i32 {
  return project<f64>(args, rows, columns, components, Direction.Back);
}
