#include <algorithm>
#include <limits>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "codec/failure.hpp"
#include "recentfile/store.hpp"
#include "recentfile/write.hpp"
#include "sys/tree/dir.hpp"

namespace recentd {

namespace {

constexpr std::size_t k_batch = 256;
constexpr std::size_t k_usual_record_bytes = 100;

[[noreturn]] void fail_broken(const std::string& path, const std::string& why) {
  if (codec::tells_newer_protocol(why)) throw Error(Kind::corrupt, cat(escaped(path), ": ", why), path);
  throw Error(Kind::corrupt,
              cat(escaped(path), " is broken: ", why,
                  "; it is left as it is, `recentd fsck --repair=index` rebuilds it"),
              path);
}

// Adds to a codec's reader what needs the file: its name in errors, and whether it is whole.
class FileReader : public codec::EventReader {
 public:
  FileReader(std::shared_ptr<const sys::Bytes> bytes, codec::Format format, std::string path, Reader reader)
      : bytes_(std::move(bytes)), path_(std::move(path)) {
    if (bytes_->view().empty()) fail_broken(path_, "zero bytes");
    codec::ReadOptions options;
    if (reader == Reader::mirror) options.on_skipped = [this](const codec::Skipped&) { ++skipped_; };
    named([&] { inner_ = codec::open_reader(format, bytes_, std::move(options)); });
  }

  [[nodiscard]] const Meta& meta() const noexcept override { return inner_->meta(); }
  [[nodiscard]] const EventList& storage() const noexcept override { return inner_->storage(); }
  [[nodiscard]] const std::uint64_t& skipped() const noexcept { return skipped_; }

  std::size_t read(std::span<EventRow> out) override {
    std::size_t n = 0;
    named([&] { n = inner_->read(out); });
    if (n == 0 && !out.empty()) check_whole();
    for (const EventRow& row : out.first(n)) {
      if (!oldest_ || row.epoch() < *oldest_) oldest_ = row.epoch();
    }
    return n;
  }

 private:
  template <class Work>
  void named(Work work) {
    try {
      work();
    } catch (const Error& error) {
      if (bytes_->torn()) fail_broken(path_, "cut by somebody while it was read");
      if (error.kind() != Kind::corrupt) throw;
      fail_broken(path_, error.what());
    }
  }

  // A file cut between two events still parses; its meta part knows better.
  void check_whole() const {
    if (bytes_->torn()) fail_broken(path_, "cut by somebody while it was read");
    if (!oldest_ || skipped_ > 0 || !meta().minmax_min) return;
    const std::optional<EpochView> promised = EpochView::parse(*meta().minmax_min);
    if (!promised || *oldest_ <= *promised) return;
    fail_broken(path_, cat("cut at byte ", bytes_->view().size(), ", its last event ", oldest_->text,
                           " is newer than its minmax.min ", promised->text));
  }

  std::shared_ptr<const sys::Bytes> bytes_;
  std::string path_;
  std::unique_ptr<codec::EventReader> inner_;
  std::optional<EpochView> oldest_;
  std::uint64_t skipped_ = 0;
};

// What read_file() needs and a reader of the level wants to know; nothing if there is no such file.
struct Opened {
  std::shared_ptr<const sys::Bytes> bytes;
  std::int64_t mtime_s = 0;
};

std::optional<Opened> open_bytes(const LevelFile& file) {
  const auto facts = sys::stat_path(file.path());
  if (!facts) return std::nullopt;
  try {
    return Opened{sys::read_file(file.path()), facts->mtime_s};
  } catch (const Error& error) {
    if (error.kind() == Kind::missing) return std::nullopt;
    throw;
  }
}

bool has_disorder(const std::vector<EventRow>& rows) {
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (!(rows[i].epoch() < rows[i - 1].epoch())) return true;
  }
  return false;
}

}  // namespace

std::optional<EpochView> LevelContent::newest() const {
  if (events.rows.empty()) return std::nullopt;
  return events.rows.front().epoch();
}

std::optional<EpochView> LevelContent::oldest() const {
  if (events.rows.empty()) return std::nullopt;
  return events.rows.back().epoch();
}

LevelContent read_level_bytes(std::shared_ptr<const sys::Bytes> bytes, codec::Format format,
                              const std::string& path_for_messages, Reader reader) {
  FileReader source(bytes, format, path_for_messages, reader);
  LevelContent level;
  level.size_bytes = bytes->view().size();
  std::vector<EventRow>& rows = level.events.rows;
  const std::size_t guess = level.size_bytes / k_usual_record_bytes;
  for (std::size_t n = k_batch, used = 0; n > 0;) {
    if (rows.capacity() < used + k_batch) rows.reserve(std::max(2 * used, guess) + 4 * k_batch);
    rows.resize(used + k_batch);
    n = source.read({rows.data() + used, k_batch});
    used += n;
    rows.resize(used);
  }
  level.meta = source.meta();
  level.skipped = source.skipped();
  level.events.adopt(source.storage());
  level.events.keep(std::move(bytes));
  level.disordered = has_disorder(rows);
  if (level.disordered) sort_newest_first(rows);
  return level;
}

std::optional<LevelContent> read_level(const LevelFile& file, Reader reader) {
  std::optional<Opened> opened = open_bytes(file);
  if (!opened) return std::nullopt;
  LevelContent level = read_level_bytes(std::move(opened->bytes), format_of(file), file.path(), reader);
  level.mtime_s = opened->mtime_s;
  return level;
}

std::optional<OpenLevel> open_level(const LevelFile& file, Reader reader) {
  std::optional<Opened> opened = open_bytes(file);
  if (!opened) return std::nullopt;
  OpenLevel out;
  auto file_reader = std::make_unique<FileReader>(opened->bytes, format_of(file), file.path(), reader);
  out.skipped = &file_reader->skipped();
  out.reader = std::move(file_reader);
  out.bytes = std::move(opened->bytes);
  out.mtime_s = opened->mtime_s;
  return out;
}

LevelContent read_level(const LevelFile& file, const OpenLevel& opened, Reader reader) {
  LevelContent level = read_level_bytes(opened.bytes, format_of(file), file.path(), reader);
  level.mtime_s = opened.mtime_s;
  return level;
}

std::unique_ptr<codec::EventReader> read_again(const LevelFile& file, const OpenLevel& opened,
                                               Reader reader) {
  return std::make_unique<FileReader>(opened.bytes, format_of(file), file.path(), reader);
}

std::string disagreement(const LevelFile& file, const Meta& meta) {
  std::string out;
  const auto compare = [&](const char* key, const std::string& said, const std::string& name) {
    if (said.empty() || said == name) return;
    out +=
        cat(out.empty() ? "" : ", ", key, " ", recentd::quoted(said), " instead of ", recentd::quoted(name));
  };
  compare("interval", meta.interval, file.name.interval);
  compare("filenameroot", meta.filenameroot, file.name.filenameroot);
  compare("serializer_suffix", meta.serializer_suffix, file.name.suffix);
  return out;
}

void refuse_disagreement(const LevelFile& file, const Meta& meta) {
  const std::string difference = disagreement(file, meta);
  if (difference.empty()) return;
  throw Error(Kind::refused,
              cat(escaped(file.path()), " is not what its name says: its meta part has ", difference,
                  "; rename it back, or write it with --force"),
              file.path());
}

std::optional<Meta> read_meta(const LevelFile& file) {
  const std::optional<OpenLevel> opened = open_level(file, Reader::mirror);
  if (!opened) return std::nullopt;
  return opened->reader->meta();
}

}  // namespace recentd
