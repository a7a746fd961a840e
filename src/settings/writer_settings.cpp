#include "settings/writer_settings.hpp"

namespace recentd::settings {

const std::vector<Setting<WriterOptions>>& writer_settings() {
  using Options = WriterOptions;
  using Row = Rows<WriterOptions>;
  using Name = std::string_view;
  using Text = const std::string&;
  static const auto all = [] {
    std::vector<Setting<WriterOptions>> table = {
        Row::seconds("locktimeout", &Options::locktimeout, "wait at most so many seconds for a lock"),
        Row::custom("fsync", "POLICY", "full: a power cut loses nothing; data: index files whole; none",
                    std::string(fsync_text(Options{}.fsync)),
                    [](Options& options, Name name, Text text) { options.fsync = parse_fsync(name, text); }),
        Row::custom(
            "record", "LIST", "also keep of each file: size, mtime, digest, link; with commas", {},
            [](Options& options, Name name, Text text) { options.record = parse_record(name, text); }),
        Row::flag("keep-delete-objects-forever", &Options::keep_delete_objects_forever,
                  "the last level keeps deletes, too"),
        Row::flag_called("http", "publish_http", &Options::publish_http,
                         "offer deltas of the index to mirrors that come over HTTP"),
        Row::custom("sig-min-size", "SIZE",
                    "where that is offered, also signatures of files so large: bytes, or with K, M or G",
                    "4M",
                    [](Options& options, Name name, Text text) {
                      options.signature_bytes_min = parse_size(name, text);
                    }),
        Row::custom("json-paths", "HOW",
                    "names in .json: bytes, as Perl reads them and new sets have them, or utf8", {},
                    [](Options& options, Name name, Text text) {
                      options.json_paths = parse_json_paths(name, text);
                    }),
    };
    make_common(table, {"record", "http"});
    return table;
  }();
  return all;
}

}  // namespace recentd::settings
