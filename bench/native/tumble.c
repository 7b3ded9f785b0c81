// The rival in C: same query and panes as the generated kernel (selection vector, a table per pane, a pane open until the watermark
// has passed its end, closed panes put out as columns, a batch at a time), 40-byte slots in the table itself, and software prefetch,
// which WebAssembly lacks. Usage: tumble <folder> <rows> <window us> <lateness us> <out>. Like the kernel it is measured in a steady
// state: memory touched by a first run is used again. Prints the CPU milliseconds of the second run; a third writes the groups.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 8192, CHUNK = 128 };
typedef struct { int64_t key, count; double sum, low, high; } Slot;
typedef struct { int64_t window, key, count; double sum, low, high; } Group;

typedef struct { int64_t window; uint32_t bits, used; Slot *table; } Pane;

static const int64_t NONE = INT64_MIN;
static Pane panes[2] = {{.window = INT64_MIN, .bits = 6}, {.window = INT64_MIN, .bits = 6}};
static uint64_t multiplier = 0x9E3779B97F4A7C15ull;
static struct { int64_t window[BATCH], key[BATCH], count[BATCH]; double sum[BATCH], low[BATCH], high[BATCH]; } columns;
static Group *groups;
static size_t group_count, group_room;
static int keep;

static inline uint32_t place(int64_t key, uint32_t bits) {
  uint64_t k = (uint64_t)key;
  return (uint32_t)(((k ^ (k >> 32)) * multiplier) >> (64 - bits));
}
static Slot *make(uint32_t bits) {
  Slot *t = aligned_alloc(64, ((sizeof(Slot) << bits) + 63) & ~(size_t)63);
  memset(t, 0, sizeof(Slot) << bits);
  return t;
}
static void grow(Pane *pane) {
  Slot *old = pane->table, *table = make(++pane->bits);
  uint32_t mask = (1u << pane->bits) - 1;
  for (uint32_t j = 0; j < 1u << (pane->bits - 1); j++) {
    if (!old[j].count) continue;
    uint32_t s = place(old[j].key, pane->bits);
    while (table[s].count) s = (s + 1) & mask;
    table[s] = old[j];
  }
  free(old);
  pane->table = table;
}
static void take_columns(uint32_t n) {
  __asm__ volatile("" ::: "memory");  // the columns are read, whether or not the groups are kept
  for (uint32_t i = 0; keep && i < n; i++) {
    if (group_count == group_room) groups = realloc(groups, (group_room = group_room ? group_room * 2 : 4096) * sizeof(Group));
    groups[group_count++] =
        (Group){columns.window[i], columns.key[i], columns.count[i], columns.sum[i], columns.low[i], columns.high[i]};
  }
}
static void close_pane(Pane *pane, int64_t size) {
  uint32_t n = 0;
  for (uint32_t j = 0; j < 1u << pane->bits; j++) {
    Slot *p = pane->table + j;
    if (!p->count) continue;
    columns.window[n] = pane->window * size;
    columns.key[n] = p->key;
    columns.count[n] = p->count;
    columns.sum[n] = p->sum;
    columns.low[n] = p->low;
    columns.high[n] = p->high;
    if (++n == BATCH) take_columns(n), n = 0;
  }
  take_columns(n);
  memset(pane->table, 0, sizeof(Slot) << pane->bits);
  pane->used = 0;
  pane->window = NONE;
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
static void add_rows(Pane *pane, const uint16_t *rows, int n, const int64_t *key, const double *v) {
  static uint32_t slots[CHUNK];
  while ((uint64_t)(pane->used + n) * 16 > (uint64_t)11 << pane->bits) grow(pane);
  Slot *table = pane->table;
  uint32_t mask = (1u << pane->bits) - 1;
  for (int from = 0; from < n; from += CHUNK) {
    int to = from + CHUNK < n ? from + CHUNK : n;
    for (int r = from; r < to; r++) {
      slots[r - from] = place(key[rows[r]], pane->bits);
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
          pane->used++;
          break;
        }
      }
    }
  }
}
static void run(size_t rows, int64_t size, int64_t lateness, const int64_t *ts, const int64_t *key, const double *v, const int32_t *kind) {
  static uint16_t selected[BATCH + 8];
  for (size_t at = 0; at < rows; at += BATCH) {
    int n = rows - at < BATCH ? (int)(rows - at) : BATCH, m = 0;
    for (int i = 0; i < n; i++) {
      selected[m] = (uint16_t)i;
      m += (v[at + i] > 10) & (kind[at + i] == 2);
    }
    // Every row's time counts: rows come in order here, but nothing says so.
    int64_t low = INT64_MAX, high = INT64_MIN;
    for (int i = 0; i < n; i++) {
      low = ts[at + i] < low ? ts[at + i] : low;
      high = ts[at + i] > high ? ts[at + i] : high;
    }
    for (int from = 0; from < m;) {
      int64_t w = ts[at + selected[from]] / size;
      int to = m;
      if (low / size != high / size) for (to = from; to < m && ts[at + selected[to]] / size == w;) to++;
      Pane *pane = panes + (w & 1);
      if (pane->window != NONE && pane->window != w) close_pane(pane, size);
      pane->window = w;
      add_rows(pane, selected + from, to - from, key + at, v + at);
      from = to;
    }
    for (int k = 0; k < 2; k++)
      if (panes[k].window != NONE && (panes[k].window + 1) * size <= high - lateness) close_pane(panes + k, size);
  }
  for (int k = 0; k < 2; k++)
    if (panes[k].window != NONE) close_pane(panes + k, size);
}
int main(int argc, char **argv) {
  if (argc != 6) return 2;
  size_t rows = strtoull(argv[2], 0, 10);
  int64_t size = strtoll(argv[3], 0, 10), lateness = strtoll(argv[4], 0, 10);
  int64_t *ts = read_column(argv[1], "ts", rows * 8), *key = read_column(argv[1], "key", rows * 8);
  double *v = read_column(argv[1], "v", rows * 8);
  int32_t *kind = read_column(argv[1], "kind", rows * 4);
  for (int k = 0; k < 2; k++) panes[k].table = make(panes[k].bits);
  run(rows, size, lateness, ts, key, v, kind);
  double start = cpu_ms();
  run(rows, size, lateness, ts, key, v, kind);
  printf("%.3f\n", cpu_ms() - start);
  keep = 1;
  run(rows, size, lateness, ts, key, v, kind);
  FILE *out = fopen(argv[5], "wb");
  if (!out || fwrite(groups, sizeof(Group), group_count, out) != group_count) return 1;
  fclose(out);
  return 0;
}
