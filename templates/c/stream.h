{# Stores past the caches. Needs vector.h, memory.h. #}
#ifdef NATIVE
/* Past the caches: a line that is written as a whole need not be read before. It pays where the signal
 * is larger than they are (measured: half of the time at 64 MB). */
#ifndef STREAMED_BYTES
#define STREAMED_BYTES (1 << 23) /* signals of at least so many bytes */
#endif
#define IS_STREAMED(bytes) ((bytes) >= STREAMED_BYTES)
#define STREAM(to, v) NATIVE(stream)(to, v)
#define FENCE() _mm_sfence()
#else
#define IS_STREAMED(bytes) 0
#define STREAM(to, v) store(to, v)
#define FENCE() (void)0
#endif
