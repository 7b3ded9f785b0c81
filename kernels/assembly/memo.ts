import { allocate, release } from "./memory";
import { sweepGeneration } from "./string-table";

/**
 * Answers of a function of one string, by string id, so that it runs once per distinct string. A memo is 16 zeroed bytes
 * {answers, capacity, generation}; an answer is stored plus one, 0 means unknown. Answers may be string ids: a sweep of the string
 * table makes every answer unknown.
 */
export function recall(memo: usize, id: u32): u32 {
  if (load<u32>(memo, 8) != sweepGeneration()) forget(memo);
  return id < load<u32>(memo, 4) ? load<u32>(<usize>load<u32>(memo) + (<usize>id << 2)) : 0;
}

function forget(memo: usize): void {
  memory.fill(<usize>load<u32>(memo), 0, <usize>load<u32>(memo, 4) << 2);
  store<u32>(memo, sweepGeneration(), 8);
}

export function remember(memo: usize, id: u32, answer: u32): u32 {
  const capacity = load<u32>(memo, 4);
  if (id >= capacity) {
    let larger: u32 = capacity == 0 ? 256 : capacity;
    while (larger <= id) larger *= 2;
    const answers = allocate(larger << 2);
    const old = <usize>load<u32>(memo);
    memory.copy(answers, old, <usize>capacity << 2);
    memory.fill(answers + (<usize>capacity << 2), 0, <usize>(larger - capacity) << 2);
    if (old != 0) release(old, capacity << 2);
    store<u32>(memo, <u32>answers);
    store<u32>(memo, larger, 4);
  }
  store<u32>(<usize>load<u32>(memo) + (<usize>id << 2), answer + 1);
  return answer;
}
