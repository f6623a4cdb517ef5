// Runs a program of steps on the accelerator at full simulation speed.
//
//     harness PROGRAM FEATURES > RECORDS
//
// PROGRAM   what sim/harness/program.py writes: the layout of the ports, the pauses, then the steps.
// FEATURES  rows of `inputs` bytes; a slot names its row, so that epochs do not repeat the data.
// RECORDS   (int32 tag, int32 count) and `count` items, as sim/harness/process.py reads them.
//
// A clock is: drive the inputs, let the logic settle with clk = 0, look at every handshake, clk = 1.
// Settling is needed since a ready may depend on the valid and the payload of the same clock.
// Ends with status 0, or with one line on stderr and status 1 (protocol), 2 (no progress) or
// 3 (cannot read the files or write the records).

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "model.h"

namespace {

enum Status { PROTOCOL = 1, WATCHDOG = 2, FILES = 3 };

[[noreturn]] void fail(Status status, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    std::vfprintf(stderr, format, arguments);
    va_end(arguments);
    std::fputc('\n', stderr);
    std::exit(status);
}

// ---- the program file -------------------------------------------------------------------------

struct Field {
    std::int32_t offset, width, count;
};

struct Header {
    char magic[8];
    Field features, kind, label, rate_shift;                      // slots
    Field activations, prediction, correct, last;                 // results
    Field value, index, config_kind, junction, write;             // config
    Field read_value;                                             // readback
    std::int32_t beats, inputs, outputs, watchdog;                // watchdog in clocks
    std::uint32_t pause_chance;                                   // of 2^32, before each transfer
    std::int32_t longest_pause;                                   // clocks
    std::uint64_t seed;
    std::int64_t steps;
    std::int64_t model;                                           // which one of the executable
};

enum Operation { CONFIG = 1, SLOTS = 2, DRAIN = 3 };

struct Step {
    std::int32_t operation, count;
};

struct Request {
    std::int64_t value;
    std::uint32_t index;
    std::uint8_t kind, junction, write, unused;
};

struct Slot {
    std::uint32_t row;
    std::uint16_t label;
    std::uint8_t kind, rate_shift;  // kind 0: empty
};

struct File {
    const char* data;
    std::size_t size;

    explicit File(const char* path) {
        const int descriptor = open(path, O_RDONLY);
        struct stat facts;
        if (descriptor < 0 || fstat(descriptor, &facts) != 0) fail(FILES, "cannot read %s", path);
        size = static_cast<std::size_t>(facts.st_size);
        data = nullptr;
        if (size == 0) return;
        void* mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (mapped == MAP_FAILED) fail(FILES, "cannot map %s", path);
        data = static_cast<const char*>(mapped);
        close(descriptor);
    }
};

// ---- records on stdout ------------------------------------------------------------------------

enum Tag { RESULTS = 1, VALUES = 2, END = 3 };

void put(const void* data, std::size_t bytes) {
    const char* from = static_cast<const char*>(data);
    while (bytes > 0) {
        const ssize_t done = write(STDOUT_FILENO, from, bytes);
        if (done <= 0) fail(FILES, "cannot write the records");
        from += done;
        bytes -= static_cast<std::size_t>(done);
    }
}

void put_record(Tag tag, std::size_t count, const void* data, std::size_t bytes) {
    const std::int32_t head[2] = {tag, static_cast<std::int32_t>(count)};
    put(head, sizeof head);
    put(data, bytes);
}

// ---- bit fields of a payload ------------------------------------------------------------------

// A copy of a payload with room for reading 8 bytes at any of its bytes.
class Bits {
  public:
    explicit Bits(const Stream& stream) : stream_(stream), bytes_(stream.bytes + 8) {}

    void load() { std::memcpy(bytes_.data(), stream_.payload, stream_.bytes); }

    std::uint64_t get(const Field& field, int word = 0) const {
        const int bit = field.offset + field.width * word;
        std::uint64_t value;
        std::memcpy(&value, &bytes_[bit / 8], 8);
        return value >> (bit % 8) & mask(field.width);
    }

    // Words of up to 57 bits; the field must hold zeros.
    void set(const Field& field, std::uint64_t value) {
        std::uint64_t old;
        std::memcpy(&old, &bytes_[field.offset / 8], 8);
        old |= (value & mask(field.width)) << (field.offset % 8);
        std::memcpy(&bytes_[field.offset / 8], &old, 8);
    }

    std::uint8_t* clear() {
        std::memset(bytes_.data(), 0, bytes_.size());
        return bytes_.data();
    }

    void store() const { std::memcpy(stream_.payload, bytes_.data(), stream_.bytes); }

    bool same() const { return std::memcmp(bytes_.data(), stream_.payload, stream_.bytes) == 0; }

  private:
    static std::uint64_t mask(int width) { return (std::uint64_t{1} << width) - 1; }

    Stream stream_;
    std::vector<std::uint8_t> bytes_;
};

// ---- pauses -----------------------------------------------------------------------------------

class Pauses {
  public:
    Pauses(const Header& header, std::uint64_t stream)
        : chance_(header.pause_chance), longest_(header.longest_pause),
          state_(header.seed * 4 + stream + 0x9E3779B97F4A7C15u) {
        for (int i = 0; i < 8; i++) next();
    }

    // Whether to wait in this clock. Most pauses are short, one in sixteen is up to the longest.
    bool wait() {
        if (chance_ == 0) return false;
        if (left_ > 0) {
            left_--;
            return true;
        }
        if ((next() >> 32) >= chance_) return false;
        const std::uint64_t draw = next() >> 16;
        left_ = draw % 16 == 0 ? static_cast<int>(draw / 16 % longest_) : static_cast<int>(draw / 16 % 4);
        return true;
    }

  private:
    std::uint64_t next() {  // xorshift64*
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545F4914F6CDD1Du;
    }

    std::uint64_t chance_;
    int longest_;
    std::uint64_t state_;
    int left_ = 0;
};

// ---- the machine and its four streams ---------------------------------------------------------

// Offers beats: a beat that is offered stays, unchanged, until it is taken.
struct Source {
    Stream stream;
    Bits bits;
    Pauses pauses;
    bool offered = false;

    Source(const Stream& s, const Header& header, std::uint64_t number)
        : stream(s), bits(s), pauses(header, number) {}

    bool taken() const { return offered && *stream.ready; }
};

// Takes beats, and checks that a beat which is refused stays.
struct Sink {
    Stream stream;
    Bits bits;
    Pauses pauses;
    const char* name;
    bool refused = false;

    Sink(const Stream& s, const Header& header, std::uint64_t number, const char* n)
        : stream(s), bits(s), pauses(header, number), name(n) {}

    void drive() { *stream.ready = !pauses.wait(); }

    bool given(std::uint64_t clock) {
        if (refused && !(*stream.valid && bits.same()))
            fail(PROTOCOL, "stream %s: a beat offered before clock %" PRIu64 " was withdrawn or changed", name, clock);
        refused = *stream.valid && !*stream.ready;
        if (!*stream.valid) return false;
        bits.load();
        return !refused;
    }
};

class Harness {
  public:
    Harness(const File& program, const File& features)
        : header_(*reinterpret_cast<const Header*>(program.data)), model_(opened(header_)),
          slots_(model_.slots, header_, 0), config_(model_.config, header_, 1),
          results_(model_.results, header_, 2, "results"), readback_(model_.readback, header_, 3, "readback"),
          next_(program.data + sizeof(Header)), end_(program.data + program.size), features_(features),
          record_bytes_(16 + 4 * static_cast<std::size_t>(header_.outputs)),
          buffer_(record_bytes_ * RESULTS_AT_ONCE) {
        beat_bytes_ = header_.features.count;
    }

    void run() {
        *model_.rst = 1;
        *model_.clk = 0;
        *model_.slots.valid = *model_.config.valid = *model_.results.ready = *model_.readback.ready = 0;
        for (int i = 0; i < 4; i++) {
            model_.eval();
            *model_.clk = 1;
            model_.eval();
            *model_.clk = 0;
        }
        *model_.rst = 0;
        for (std::int64_t i = 0; i < header_.steps; i++) {
            const Step step = take<Step>(1)[0];
            if (step.operation == CONFIG) {
                const std::int64_t since = processor_time();
                run_config(take<Request>(step.count), step.count);
                configuring_ += processor_time() - since;
            }
            else if (step.operation == SLOTS) run_slots(take<Slot>(step.count), step.count);
            else if (step.operation == DRAIN) run_drain(step.count);
            else fail(FILES, "program: unknown operation %d in step %" PRId64, step.operation, i);
        }
        flush_results();
        finish();
    }

  private:
    static constexpr std::size_t RESULTS_AT_ONCE = 256;

    static Model opened(const Header& header) {
        Model model;
        if (!open_model(static_cast<int>(header.model), model))
            fail(FILES, "program: there is no model %" PRId64, header.model);
        return model;
    }

    template <class T> const T* take(std::int64_t count) {
        const T* items = reinterpret_cast<const T*>(next_);
        if (count < 0 || end_ - next_ < static_cast<std::ptrdiff_t>(sizeof(T)) * count)
            fail(FILES, "program: it ends within a step");
        next_ += sizeof(T) * count;
        return items;
    }

    // One clock. Returns which inputs were taken; outputs are dealt with here.
    struct Taken {
        bool slots, config;
    };

    Taken clock() {
        *model_.slots.valid = slots_.offered;
        *model_.config.valid = config_.offered;
        results_.drive();
        readback_.drive();
        *model_.clk = 0;
        model_.eval();
        const Taken taken{slots_.taken(), config_.taken()};
        const bool result = results_.given(clocks_), value = readback_.given(clocks_);
        if (result) take_result();
        if (value) values_.push_back(static_cast<std::int64_t>(readback_.bits.get(header_.read_value)));
        *model_.clk = 1;
        model_.eval();
        clocks_++;
        if (taken.slots || taken.config || result || value) progress_ = clocks_;
        return taken;
    }

    void watch(const char* what) {
        if (clocks_ - progress_ > static_cast<std::uint64_t>(header_.watchdog))
            fail(WATCHDOG,
                 "no progress for %d clocks at clock %" PRIu64 " while %s: slot %" PRIu64
                 ", %" PRIu64 " of %" PRIu64 " results",
                 header_.watchdog, clocks_, what, slots_begun_, results_done_, results_due_);
    }

    void take_result() {
        const Bits& bits = results_.bits;
        char* record = &buffer_[record_bytes_ * buffered_];
        const std::int32_t words = header_.activations.count;
        const std::int32_t beats = header_.outputs / words;
        for (std::int32_t i = 0; i < words; i++) {
            const auto value = static_cast<std::int32_t>(bits.get(header_.activations, i));
            std::memcpy(record + 16 + 4 * (result_beat_ * words + i), &value, 4);
        }
        result_beat_++;
        const bool last = bits.get(header_.last) != 0;
        if (last != (result_beat_ == beats))
            fail(PROTOCOL, "result %" PRIu64 " at clock %" PRIu64 ": beat %d of %d has last = %d",
                 results_done_, clocks_, result_beat_, beats, last);
        if (!last) return;
        const auto prediction = static_cast<std::int32_t>(bits.get(header_.prediction));
        const auto correct = static_cast<std::int32_t>(bits.get(header_.correct));
        std::memcpy(record, &clocks_, 8);
        std::memcpy(record + 8, &prediction, 4);
        std::memcpy(record + 12, &correct, 4);
        result_beat_ = 0;
        results_done_++;
        if (++buffered_ == RESULTS_AT_ONCE) flush_results();
    }

    void flush_results() {
        if (buffered_ > 0) put_record(RESULTS, buffered_, buffer_.data(), buffered_ * record_bytes_);
        buffered_ = 0;
    }

    void offer_beat(const Slot& slot, int beat) {
        std::uint8_t* payload = slots_.bits.clear();
        if (slot.kind != 0) {
            const std::size_t inputs = static_cast<std::size_t>(header_.inputs);
            const std::size_t from = static_cast<std::size_t>(beat) * beat_bytes_;
            const std::size_t row = slot.row * inputs;
            if (row + inputs > features_.size) fail(FILES, "features: there is no row %u", slot.row);
            if (from < inputs)
                std::memcpy(payload, features_.data + row + from, std::min(beat_bytes_, inputs - from));
        }
        slots_.bits.set(header_.kind, slot.kind);
        slots_.bits.set(header_.label, slot.label);
        slots_.bits.set(header_.rate_shift, slot.rate_shift);
        slots_.bits.store();
    }

    void run_slots(const Slot* slots, std::int32_t count) {
        for (std::int32_t i = 0; i < count; i++) {
            const int beats = slots[i].kind == 0 ? 1 : header_.beats;
            results_due_ += slots[i].kind != 0;
            for (int beat = 0; beat < beats; beat++) {
                while (slots_.pauses.wait()) {
                    clock();
                    watch("pausing");
                }
                offer_beat(slots[i], beat);
                slots_.offered = true;
                while (!clock().slots) watch("offering a slot");
                slots_.offered = false;
            }
            slots_begun_++;
        }
    }

    void run_config(const Request* requests, std::int32_t count) {
        flush_results();  // so that the records are in the order of the steps
        std::size_t due = 0;
        for (std::int32_t i = 0; i < count; i++) {
            const Request& request = requests[i];
            while (config_.pauses.wait()) {
                clock();
                watch("pausing");
            }
            config_.bits.clear();
            config_.bits.set(header_.value, static_cast<std::uint64_t>(request.value));
            config_.bits.set(header_.index, request.index);
            config_.bits.set(header_.config_kind, request.kind);
            config_.bits.set(header_.junction, request.junction);
            config_.bits.set(header_.write, request.write);
            config_.bits.store();
            config_.offered = true;
            while (!clock().config) watch("offering a configuration beat");
            config_.offered = false;
            due += !request.write;
        }
        while (values_.size() < due) {
            clock();
            watch("waiting for read-back");
        }
        flush_results();
        if (!values_.empty()) put_record(VALUES, values_.size(), values_.data(), values_.size() * 8);
        values_.clear();
    }

    void run_drain(std::int32_t count) {
        while (results_done_ < results_due_) {
            clock();
            watch("waiting for results");
        }
        for (std::int32_t i = 0; i < count; i++) clock();
        progress_ = clocks_;
    }

    void finish() {
        std::int64_t facts[6] = {static_cast<std::int64_t>(clocks_), processor_time() - configuring_};
        for (int i = 0; i < 4; i++) facts[2 + i] = *model_.counters[i];
        put_record(END, 6, facts, sizeof facts);
    }

    // nanoseconds; unlike the time of day it stands still while the reader of the records is slow
    static std::int64_t processor_time() {
        timespec used;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        return used.tv_sec * INT64_C(1000000000) + used.tv_nsec;
    }

    const Header& header_;
    Model model_;
    Source slots_, config_;
    Sink results_, readback_;
    const char* next_;
    const char* end_;
    const File& features_;
    std::size_t beat_bytes_;
    std::size_t record_bytes_;
    std::vector<char> buffer_;
    std::size_t buffered_ = 0;
    std::vector<std::int64_t> values_;
    int result_beat_ = 0;
    std::int64_t configuring_ = 0;
    std::uint64_t clocks_ = 0, progress_ = 0, slots_begun_ = 0, results_due_ = 0, results_done_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) fail(FILES, "usage: harness PROGRAM FEATURES > RECORDS");
    const File program(argv[1]), features(argv[2]);
    if (program.size < sizeof(Header) || std::memcmp(program.data, "CLASHFR2", 8) != 0)
        fail(FILES, "%s is not a program of this harness", argv[1]);
    Harness(program, features).run();
    return 0;
}
