#pragma once

/// For lambdas that would pass vectors through memory if they were called.
#define LABELLOOM_INLINE __attribute__((always_inline))
