// A frame that is being put together: `uint32 length, byte type, payload` by the data types of RFC 4251 §5.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frame {
    unsigned char *bytes;
    size_t count, size;
    // Memory was short or a part too long: nothing of it is sent.
    bool failed;
};

// Longest that the agent reads (Docs/FORMATS.md), and the longest part of one.
enum { frame_limit = 524288, part_limit = 393216 };

void frame_begin(struct frame *frame, unsigned char type);
void frame_byte(struct frame *frame, unsigned char value);
void frame_uint32(struct frame *frame, uint32_t value);
void frame_uint64(struct frame *frame, uint64_t value);
void frame_string(struct frame *frame, const void *bytes, size_t count);
// Its length; null counts as empty.
void frame_text(struct frame *frame, const char *text);
// Begins a string whose content follows; `frame_close` takes what this returned.
size_t frame_open(struct frame *frame);
void frame_close(struct frame *frame, size_t opened);
// Writes the length at the front; false where the frame failed.
bool frame_end(struct frame *frame);
void frame_free(struct frame *frame);
