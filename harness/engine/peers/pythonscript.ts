/**
 * The Python half of a peer: a loop that reads commands from stdin, times named functions by its own clock, sends outputs.
 *
 * It is text because a build carries only JavaScript. A peer adds a body that defines `subjects`, a dictionary of functions of
 * one window's buffers. Protocol: one JSON line {windows, buffers} and the raw buffers, window by window; then one JSON
 * command a line: {"do": "time", "subject", "window", "runs"} or {"do": "outputs", "subject", "window"} or {"do": "end"};
 * one JSON answer a line. The garbage collector is off while a subject runs, as timeit does.
 */

export const PYTHON_PRELUDE = `
import base64, gc, json, sys, time
import numpy as np

def say(answer):
    sys.stdout.write(json.dumps(answer) + "\\n")
    sys.stdout.flush()

def receive(header):
    windows = []
    for _ in range(header["windows"]):
        buffers = {}
        for spec in header["buffers"]:
            data = sys.stdin.buffer.read(spec["bytes"])
            if len(data) != spec["bytes"]:
                raise EOFError("inputs end early")
            buffers[spec["name"]] = np.frombuffer(data, dtype=spec["dtype"]).reshape(spec["shape"]).copy()
        windows.append(buffers)
    return windows
`;

export const PYTHON_LOOP = `
def timed(run, windows, first, runs):
    gc.disable()
    begun = time.perf_counter_ns()
    for i in range(runs):
        run(windows[(first + i) % len(windows)])
    elapsed = time.perf_counter_ns() - begun
    gc.enable()
    return elapsed * 1e-9

def main():
    windows = receive(json.loads(sys.stdin.buffer.readline()))
    say({"ready": True, "versions": versions})
    for line in iter(sys.stdin.buffer.readline, b""):
        command = json.loads(line)
        if command["do"] == "end":
            return
        run = subjects[command["subject"]]
        if command["do"] == "time":
            say({"seconds": timed(run, windows, command["window"], command["runs"])})
        else:
            out = np.ascontiguousarray(run(windows[command["window"]]), dtype="<f8")
            say({"output": base64.b64encode(out.tobytes()).decode("ascii")})

main()
`;
