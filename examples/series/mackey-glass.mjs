/**
 * The series of Mackey and Glass (1977), a model of the number of blood cells: dx/dt = 0.2 x(t − 17) / (1 + x(t − 17)¹⁰) − 0.1 x(t).
 *
 * Looks nearly periodic and never repeats: for a delay of 17 it is chaotic. Euler steps of a tenth, one value per unit of time,
 * after the first 300.
 *
 * @param {number} length - values
 */
export function mackeyGlass(length) {
  const [stepsPerUnit, delay, warmUp] = [10, 17, 300];
  const history = new Float64Array((warmUp + length) * stepsPerUnit + 1).fill(1.2);
  const series = new Float32Array(length);
  for (let step = 0; step < history.length - 1; step++) {
    const late = history[Math.max(0, step - delay * stepsPerUnit)];
    const change = (0.2 * late) / (1 + late ** 10) - 0.1 * history[step];
    history[step + 1] = history[step] + change / stepsPerUnit;
    const unit = (step + 1) / stepsPerUnit - warmUp - 1;
    if (Number.isInteger(unit) && unit >= 0) series[unit] = history[step + 1];
  }
  return series;
}
