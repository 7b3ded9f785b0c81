// The rival in C: same algorithm and layout as the generated kernel (selection vector, one table per pane, 40-byte slots), with
// software prefetch, which WebAssembly lacks. Usage: tumble <folder> <rows> <window us> <out>. Prints CPU milliseconds.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 8192, CHUNK = 128 };
typedef struct { int64_t key, count; double sum, low, high; } Slot;
typedef struct { int64_t window, key, count; double sum, low, high; } Group;

static Slot *table;
static uint32_t bits = 6, used;
static uint64_t multiplier = 0x9E3779B97F4A7C15ull;
static Group *groups;
static size_t group_count, group_room;

static inline uint32_t place(int64_t key) {
  uint64_t k = (uint64_t)key;
  return (uint32_t)(((k ^ (k >> 32)) * multiplier) >> (64 - bits));
}
static Slot *make(uint32_t b) {
  Slot *t = aligned_alloc(64, ((sizeof(Slot) << b) + 63) & ~(size_t)63);
  memset(t, 0, sizeof(Slot) << b);
  return t;
}
static void grow(void) {
  Slot *old = table;
  uint32_t count = 1u << bits++;
  table = make(bits);
  uint32_t mask = (1u << bits) - 1;
  for (uint32_t j = 0; j < count; j++) {
    if (!old[j].count) continue;
    uint32_t s = place(old[j].key);
    while (table[s].count) s = (s + 1) & mask;
    table[s] = old[j];
  }
  free(old);
}
static void close_window(int64_t window) {
  for (uint32_t j = 0; j < 1u << bits; j++) {
    if (!table[j].count) continue;
    if (group_count == group_room) groups = realloc(groups, (group_room = group_room ? group_room * 2 : 4096) * sizeof(Group));
    groups[group_count++] = (Group){window, table[j].key, table[j].count, table[j].sum, table[j].low, table[j].high};
  }
  memset(table, 0, sizeof(Slot) << bits);
  used = 0;
}
static void *read_column(const char *folder, const char *name, size_t bytes) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.bin", folder, name);
  FILE *file = fopen(path, "rb");
  void *data = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
  if (!file || fread(data, 1, bytes, file) != bytes) exit(1);
  fclose(file);
  return data;
}
static double cpu_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}
static void add_rows(const uint16_t *rows, int n, const int64_t *key, const double *v) {
  static uint32_t slots[CHUNK];
  while ((uint64_t)(used + n) * 16 > (uint64_t)11 << bits) grow();
  uint32_t mask = (1u << bits) - 1;
  for (int from = 0; from < n; from += CHUNK) {
    int to = from + CHUNK < n ? from + CHUNK : n;
    for (int r = from; r < to; r++) {
      slots[r - from] = place(key[rows[r]]);
      __builtin_prefetch(table + slots[r - from], 1);
    }
    for (int r = from; r < to; r++) {
      int64_t k = key[rows[r]];
      double x = v[rows[r]];
      for (uint32_t s = slots[r - from];; s = (s + 1) & mask) {
        Slot *p = table + s;
        if (p->key == k && p->count) {
          p->count++;
          p->sum += x;
          p->low = x < p->low ? x : p->low;
          p->high = x > p->high ? x : p->high;
          break;
        }
        if (!p->count) {
          *p = (Slot){k, 1, x, x, x};
          used++;
          break;
        }
      }
    }
  }
}
int main(int argc, char **argv) {
  if (argc != 5) return 2;
  size_t rows = strtoull(argv[2], 0, 10);
  int64_t window = strtoll(argv[3], 0, 10);
  int64_t *ts = read_column(argv[1], "ts", rows * 8), *key = read_column(argv[1], "key", rows * 8);
  double *v = read_column(argv[1], "v", rows * 8);
  int32_t *kind = read_column(argv[1], "kind", rows * 4);
  static uint16_t selected[BATCH + 8];
  table = make(bits);
  double start = cpu_ms();
  int64_t open = INT64_MIN;
  for (size_t at = 0; at < rows; at += BATCH) {
    int n = rows - at < BATCH ? (int)(rows - at) : BATCH, m = 0;
    for (int i = 0; i < n; i++) {
      selected[m] = (uint16_t)i;
      m += (v[at + i] > 10) & (kind[at + i] == 2);
    }
    for (int from = 0; from < m;) {
      int64_t w = ts[at + selected[from]] / window;
      int to = m;
      if (ts[at + selected[m - 1]] / window != w) for (to = from; to < m && ts[at + selected[to]] / window == w;) to++;
      if (w != open && open != INT64_MIN) close_window(open * window);
      open = w;
      add_rows(selected + from, to - from, key + at, v + at);
      from = to;
    }
  }
  if (open != INT64_MIN) close_window(open * window);
  printf("%.3f\n", cpu_ms() - start);
  FILE *out = fopen(argv[4], "wb");
  if (!out || fwrite(groups, sizeof(Group), group_count, out) != group_count) return 1;
  fclose(out);
  return 0;
}
