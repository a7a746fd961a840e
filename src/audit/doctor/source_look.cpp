#include "audit/doctor/source_look.hpp"

#include <algorithm>

#include <recentd/interval.hpp>

#include "audit/doctor/web_look.hpp"
#include "base/text.hpp"
#include "codec/codec.hpp"
#include "delta/versions.hpp"
#include "model/recorded.hpp"
#include "recentfile/names.hpp"
#include "sys/process/process.hpp"
#include "sys/tree/temp_directory.hpp"
#include "upstream/make_transport.hpp"
#include "upstream/probe.hpp"
#include "upstream/problem_error.hpp"
#include "upstream/rsync_settings.hpp"

namespace recentd::audit {
namespace {

using Failure = SourceFacts::Failure;
using Nature = transport::Problem::Nature;
using transport::Address;
using upstream::SourceSpec;

Failure failure_of(const transport::Problem& problem, const std::string& source) {
  const auto error = upstream::to_error(problem, source);
  const auto what = problem.nature == Nature::missing ? Failure::What::no_such_place
                    : problem.nature == Nature::authentication || problem.nature == Nature::ssh_key ||
                            problem.nature == Nature::ssh_host
                        ? Failure::What::wants_password
                        : Failure::What::unreachable;
  return {what, problem.message, error.kind()};
}

// Who wrote an index, by what its meta part says of that.
std::string writer_of(const Value& producers) {
  constexpr std::string_view k_perl = "File::Rsync::Mirror::Recent";
  if (producers.type != Value::Type::map) return {};
  for (const auto& [key, value] : producers.members) {
    const auto version = value.type == Value::Type::scalar ? cat(" ", escaped(value.text)) : std::string();
    if (key == "recentd") return cat("recentd", version);
    if (key.starts_with(k_perl)) return cat("Perl's ", escaped(key), version);
  }
  return "another program";
}

// Of a daemon that is named without a module: the address of some module, so that it can be asked which there
// are.
std::optional<Address> daemon_alone(std::string text) {
  constexpr std::string_view k_scheme = "rsync://";
  while (text.ends_with('/')) text.pop_back();
  const bool url = text.starts_with(k_scheme) && text.find('/', k_scheme.size()) == std::string::npos;
  if (!url && !text.ends_with("::")) return std::nullopt;
  return Address::parse(cat(text, url ? "/" : "", "module"));
}

class SourceLook {
 public:
  SourceLook(const std::string& source, const ConnectOptions& options, Clock& clock)
      : spec_(upstream::split_source(source)),
        daemon_(daemon_alone(source)),
        address_(daemon_ ? *daemon_ : Address::parse(spec_.directory)),
        options_(options),
        clock_(clock),
        runner_(clock.stop()),
        scratch_(sys::temp_place() + "/recentd-doctor-") {
    facts_.source = spec_.text;
    facts_.kind = address_.kind;
    facts_.now = clock.now();
  }

  SourceFacts run() {
    if (daemon_)
      look_at_daemon();
    else if (address_.kind == Address::Kind::http)
      look_at_web();
    else
      look_by_rsync();
    if (!facts_.failure) look_at_index();
    return std::move(facts_);
  }

 private:
  void look_at_web() {
    auto look = look_at_web_server(address_, options_, spec_.index.value_or("RECENT.recent"), clock_);
    facts_.web = std::move(look.web);
    facts_.failure = std::move(look.failure);
  }

  void look_at_daemon() {
    transport::RsyncTransport rsync(address_, upstream::rsync_settings(options_), runner_);
    facts_.rsync = RsyncFacts{.remark = rsync.remark(), .modules = rsync.modules_there()};
    facts_.failure = Failure{
        Failure::What::no_module,
        facts_.rsync->modules.empty() ? "no module is named, and none can be listed" : "no module is named",
        Kind::usage};
  }

  void look_by_rsync() {
    transport::RsyncTransport rsync(address_, upstream::rsync_settings(options_), runner_);
    RsyncFacts facts{.remark = rsync.remark()};
    const auto start = clock_.steady();
    const auto listing = rsync.list("*.recent");
    facts.took = clock_.steady() - start;
    if (listing.problem) {
      facts_.failure = failure_of(*listing.problem, spec_.text);
      if (listing.problem->nature == Nature::missing) facts.modules = rsync.modules_there();
    } else {
      choose_link(listing.names);
      if (address_.kind != Address::Kind::local) facts.protocol = rsync.protocol_there();
    }
    facts_.rsync = std::move(facts);
  }

  // Which index is meant, where the source does not say it.
  void choose_link(const std::vector<std::string>& names) {
    if (spec_.index) return;
    std::string all;
    for (const auto& name : names) {
      if (!upstream::is_link_name(name) || name.starts_with('.')) continue;
      if (name == "RECENT.recent") return;
      all += " " + quoted(name);
      spec_.index = name;
    }
    if (all.empty())
      facts_.failure = Failure{Failure::What::no_index, "there is no RECENT.recent", Kind::missing};
    else if (all.find("' '") != std::string::npos)
      facts_.failure =
          Failure{Failure::What::no_index, cat("it has several; add one of these names:", all), Kind::usage};
  }

  void look_at_index() {
    const auto made =
        upstream::make_transport(address_, options_, {.runner = runner_, .stop = clock_.stop()});
    sys::make_directory(scratch_.path() + "/copies", 0700);
    upstream::Probe probe(scratch_.path() + "/probe", scratch_.path() + "/copies", {".sto", ".dd"},
                          options_.max_index_size);
    const auto result = probe.look(*made.transport, spec_, {});
    if (result.problem) {
      facts_.failure = failure_of(*result.problem, spec_.text);
    } else if (!result.facts) {
      const bool absent = result.message.starts_with("it has no ");
      facts_.failure = Failure{absent ? Failure::What::no_index : Failure::What::broken, result.message,
                               absent ? Kind::missing : Kind::corrupt};
    } else {
      take_index(*made.transport, *result.facts, result.file);
    }
  }

  void take_index(transport::Transport& transport, const upstream::LevelFacts& told,
                  const std::string& file) {
    const auto copy = sys::lstat_path(file);
    const auto name = file.substr(file.rfind('/') + 1);
    const auto parts =
        split_level_name(name).value_or(LevelName{told.filenameroot, told.interval, told.suffix});
    IndexFacts index;
    index.newest = told.newest;
    index.partial = told.part_of.has_value();
    if (copy) index.written = TimePoint(std::chrono::seconds(copy->mtime_s));
    auto bytes = sys::read_file(file);
    const auto format = codec::format_of_suffix(parts.suffix).value_or(codec::sniff(bytes->view()));
    index.common_format = codec::is_common(format);
    const auto reader =
        codec::open_reader(format, bytes, {.limits = {}, .on_skipped = [](const codec::Skipped&) {}});
    std::vector<EventRow> rows(256);
    while (const auto n = reader->read(rows))
      for (std::size_t i = 0; i < n && !index.records_size; ++i)
        index.records_size = !recorded_of(reader->storage(), rows[i]).size.empty();
    index.writer = writer_of(reader->meta().producers);
    index.levels.push_back({parts.file(), copy ? copy->size_bytes : 0, true});
    add_levels(transport, told, parts, index);
    facts_.index = std::move(index);
  }

  // Which of the larger levels are there: each is asked for, and too large to be fetched.
  void add_levels(transport::Transport& transport, const upstream::LevelFacts& told,
                  const LevelName& principal, IndexFacts& index) {
    const auto interval = Interval::parse(principal.interval);
    if (!interval) return;
    transport::FetchRequest request;
    for (const auto& level : level_order(*interval, told.aggregator.value_or(std::vector<std::string>{}))) {
      const auto file = LevelName{principal.filenameroot, level.spec(), principal.suffix}.file();
      if (file != principal.file()) request.names.push_back(file);
    }
    if (request.names.empty()) return;
    if (address_.kind == Address::Kind::http) return add_levels_at_web(request.names, principal, index);
    request.destination = scratch_.path() + "/copies";
    request.max_file_bytes = 1;
    const auto result = transport.fetch(request);
    if (result.problem) return;
    for (std::size_t i = 0; i < request.names.size(); ++i)
      index.levels.push_back({request.names[i], 0, result.outcomes[i] == transport::Outcome::skipped_size});
  }

  // Over HTTP those that are large enough may be offered in versions and deltas.
  void add_levels_at_web(std::vector<std::string> names, const LevelName& principal, IndexFacts& index) {
    const auto count = names.size();
    for (std::size_t i = 0; i < count; ++i)
      names.push_back(cat(offer_name(principal.filenameroot), "/", versions_name(names[i])));
    const auto sizes = sizes_at_web_server(address_, options_, names, clock_);
    for (std::size_t i = 0; i < count; ++i) {
      index.levels.push_back({names[i], sizes[i].value_or(0), sizes[i].has_value()});
      if (sizes[i].value_or(0) >= delta::k_level_bytes_min)
        index.offered = index.offered.value_or(false) || sizes[count + i].has_value();
    }
  }

  SourceSpec spec_;
  std::optional<Address> daemon_;  // it alone is named
  Address address_;
  const ConnectOptions& options_;
  Clock& clock_;
  sys::SystemProcessRunner runner_;
  sys::TempDirectory scratch_;
  SourceFacts facts_;
};

}  // namespace

SourceFacts look_at_source(const std::string& source, const ConnectOptions& options, Clock& clock) {
  return SourceLook(source, options, clock).run();
}

}  // namespace recentd::audit
