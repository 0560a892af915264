#include "wire.h"

#include <stdlib.h>
#include <string.h>

static void put(struct frame *frame, const void *bytes, size_t count) {
    if (frame->failed || count > frame_limit - frame->count) {
        frame->failed = true;
        return;
    }
    if (count > frame->size - frame->count) {
        size_t size = frame->size * 2 + count + 512;
        unsigned char *more = realloc(frame->bytes, size);
        if (!more) {
            frame->failed = true;
            return;
        }
        frame->bytes = more;
        frame->size = size;
    }
    if (count > 0) memcpy(frame->bytes + frame->count, bytes, count);
    frame->count += count;
}

static void number_at(struct frame *frame, size_t at, uint32_t value) {
    for (int byte = 0; byte < 4; byte++) frame->bytes[at + byte] = (unsigned char)(value >> (24 - 8 * byte));
}

void frame_begin(struct frame *frame, unsigned char type) {
    *frame = (struct frame){0};
    frame_uint32(frame, 0);
    frame_byte(frame, type);
}

void frame_byte(struct frame *frame, unsigned char value) { put(frame, &value, 1); }

void frame_uint32(struct frame *frame, uint32_t value) {
    const unsigned char bytes[4] = {
        (unsigned char)(value >> 24), (unsigned char)(value >> 16), (unsigned char)(value >> 8), (unsigned char)value};
    put(frame, bytes, sizeof bytes);
}

void frame_uint64(struct frame *frame, uint64_t value) {
    frame_uint32(frame, (uint32_t)(value >> 32));
    frame_uint32(frame, (uint32_t)value);
}

void frame_string(struct frame *frame, const void *bytes, size_t count) {
    if (count > part_limit) frame->failed = true;
    frame_uint32(frame, (uint32_t)count);
    put(frame, bytes, count);
}

void frame_text(struct frame *frame, const char *text) { frame_string(frame, text, text ? strlen(text) : 0); }

size_t frame_open(struct frame *frame) {
    frame_uint32(frame, 0);
    return frame->count;
}

void frame_close(struct frame *frame, size_t opened) {
    if (!frame->failed) number_at(frame, opened - 4, (uint32_t)(frame->count - opened));
}

bool frame_end(struct frame *frame) {
    if (!frame->failed) number_at(frame, 0, (uint32_t)(frame->count - 4));
    return !frame->failed;
}

void frame_free(struct frame *frame) {
    free(frame->bytes);
    *frame = (struct frame){0};
}
