/* register.c — write a made-up register of incidents for count.sh: RECORDS records of nine columns
 * as CSV on standard output, the last of them quoted text with commas, doubled quotes and line
 * breaks. The seed is fixed, so every run writes the same bytes. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 0x9e3779b97f4a7c15ULL;

static uint32_t below(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 32) * n >> 32);
}

/* As CSV writes them: quotes doubled. */
static const char *const quoted[] = {
    "Report taken at the station, no witness",
    "Owner away from home, \"\"back door\"\" open, goods gone",
    "Two persons seen, a red car,\nnumber plate not read",
    "Seized on the road: packets, scale, notes",
    "Dispute between neighbours,\nsettled on the spot,\nno injury",
    "Window broken, nothing taken",
    "Camera recording handed over, see file, page 3",
    "Stated by telephone,\nsigned the day after",
};

int main(int argc, char **argv)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const char *const ends[] = {"open", "solved", "dropped", "sent on"};
    char *end = NULL;
    unsigned long long n = argc == 2 ? strtoull(argv[1], &end, 10) : 0;
    if (n == 0 || *end) {
        (void)fprintf(stderr, "usage: register RECORDS\n");
        return 64;
    }
    (void)printf("case_no,reported,area,offence,age,sex,value,status,remark\n");
    for (unsigned long long i = 0; i < n; i++) {
        uint32_t month = below(12);
        (void)printf("K-%llu/%u,%02u.%02u.%u,M%03u,A%u,%u,%c,%u.%02u,%s,\"%s; file %llu\"\n", i + 1,
                     below(9000) + 1000, below(days[month]) + 1, month + 1, 2023 + below(3),
                     below(80) + 1, 100 + below(60) * 3, below(90), "MFU"[below(3)], below(5000),
                     below(100), ends[below(4)], quoted[below(sizeof quoted / sizeof *quoted)],
                     i * 7919 % 1000003);
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 74;
}
