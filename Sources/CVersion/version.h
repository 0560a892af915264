// The version of all programs, in one place for Swift and C.
#pragma once
#define KEYREEVE_VERSION "0.1.0"
