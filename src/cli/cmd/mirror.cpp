#include <chrono>
#include <cstdio>
#include <memory>

#include "base/count.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/mirror_run.hpp"
#include "cli/setting_options.hpp"
#include "cli/view/progress.hpp"
#include "cli/writer_options.hpp"
#include "service/verbose_observer.hpp"
#include "settings/mirror_settings.hpp"
#include "sys/process/bell.hpp"
#include "sys/process/signals.hpp"
#include "target/delete_approval.hpp"
#include "target/target_lock.hpp"

namespace recentd::cli {

namespace {

using service::VerboseObserver;

}  // namespace

const Usage& mirror_usage() {
  static const Usage row = {
      .command = "mirror",
      .operands = "SOURCE... TARGET",
      .summary =
          "Brings the directory TARGET up to date with SOURCE, by its index; silent if all went well. SOURCE "
          "is\n"
          "host::module/dir, rsync://host:port/module/dir, user@host:/dir or a local directory, with or\n"
          "without the name of an index file behind it. Of several SOURCEs, which are mirrors of one tree "
          "or\n"
          "its origin, the freshest that works is followed.",
      .example = "recentd mirror --loop rsync://mirror.example.org/pub /srv/pub",
      .options = with_settings(
          {{"loop", nullptr, "follow the source until stopped"},
           {"accept-deletes", nullptr,
            "do the deletes that max-delete holds back now, whatever their number"},
           {"adopt", nullptr, "TARGET has an index already, and is a copy of SOURCE's tree all the same"},
           rarely({"force-target", nullptr,
                   "mirror even into a directory of the system, a home, or one that holds trees"}),
           {"accept-source", nullptr, "the source is another tree now, or a part, and that is meant"},
           rarely({"poll-now", nullptr,
                   "whoever mirrors into TARGET is asked to look again at once; else as without it"}),
           rarely({"path", "P", "only this file, no index (repeatable)"}),
           quiet_option("with --loop: no line for each pass that brought something"),
           progress_option(),
           {"verbose,v", nullptr, "say what is done"},
           rarely({"verboselog", "FILE", "say it in this file (appended) instead of stderr"})},
          settings::mirror_settings())};
  return row;
}

namespace {

MirrorOptions mirror_options(const Arguments& arguments) {
  MirrorOptions options;
  const auto& operands = arguments.operands();
  options.source = operands.front();
  options.other_sources.assign(operands.begin() + 1, operands.end() - 1);
  options.target = operands.back();
  options.deletes.accept = arguments.has("accept-deletes");
  options.places.force = arguments.has("force-target");
  options.places.adopt = arguments.has("adopt");
  options.places.accept_source = arguments.has("accept-source");
  take_settings(arguments, settings::mirror_settings(), options);
  return options;
}

// Options that would be without effect are refused rather than ignored.
void refuse_contradictions(const Arguments& arguments) {
  using settings::Contradiction;
  for (const auto& row : settings::mirror_settings()) {
    const bool loop_only = row.fits == settings::Setting<MirrorOptions>::Fits::loop_only;
    if (loop_only && arguments.has(row.option) && !arguments.has("loop"))
      throw Error(Kind::usage, cat("--", row.option, " goes with --loop; add that, or leave it out"));
  }
  for (const auto& [setting, other, rule] : settings::mirror_contradictions()) {
    if (!arguments.has(setting)) continue;
    if (rule == Contradiction::Rule::excludes && arguments.has(other))
      throw Error(Kind::usage, cat("--", setting, " does not go with --", other, "; leave one of them out"));
    if (rule == Contradiction::Rule::needs && !arguments.has(other))
      throw Error(Kind::usage, cat("--", setting, " goes with --", other, "; add that, or leave it out"));
  }
  if (arguments.has("poll-now") && arguments.has("loop"))
    throw Error(Kind::usage, "--poll-now does not go with --loop; leave one of them out");
  if (arguments.has("quiet") && !arguments.has("loop"))
    throw Error(Kind::usage, "--quiet goes with --loop; a single run is silent if all went well");
  if (!arguments.has("path")) return;
  for (const char* name : {"loop", "after", "before", "max", "skip-deletes", "max-delete", "accept-deletes",
                           "accept-source", "prune", "poll-now"}) {
    if (arguments.has(name))
      throw Error(
          Kind::usage,
          cat("--", name,
              " does not go with --path, which fetches files and nothing else; leave one of them out"));
  }
}

void say(const MirrorReport& report) {
  Log("mirror").info(cat(report.up_to_date ? "up to date" : "done", ": ", counted(report.transferred, "file"),
                         " transferred, ", report.unchanged, " unchanged, ", report.deleted, " deleted, ",
                         report.gone, " gone, ", report.known_missing, " known to be missing, ",
                         report.skipped, " skipped, ", counted(report.connections, "connection")));
}

// The mirror that holds the target's lock, perhaps a tree of the service, is told to let the deletes through.
void leave_acceptance(const std::string& target) {
  const auto deletes = target::DeleteApproval::leave(target + "/.recentd");
  if (deletes == 0)
    std::printf("nothing is held back in %s\n", escaped(target).c_str());
  else
    std::printf("accepted: %s; the running mirror of %s goes on at its next poll\n",
                counted(deletes, "delete").c_str(), escaped(target).c_str());
}

// True if whoever mirrors into the target was asked to look again. He may be about to end.
bool ask_to_poll(const std::string& target) {
  const auto place = target + "/.recentd";
  const auto holder = target::process_at_work(place);
  if (!holder || !sys::Bell::ring(place + "/bell")) return false;
  Log("mirror").info(
      cat("process ", *holder, " mirrors into ", quoted(target), ", and was asked to poll now"));
  return true;
}

// Nothing if the one who has the target was told what is wished.
std::unique_ptr<Mirror> begin(const Arguments& arguments, const MirrorOptions& options, Observer& observer) {
  constexpr auto k_look_each = std::chrono::milliseconds(100);
  constexpr int k_looks = 50;  // as long as one may take to end that listens no more
  const bool polls = arguments.has("poll-now");
  const bool accepts = options.deletes.accept && !arguments.has("loop");
  for (int look = 1;; ++look) {
    try {
      return std::make_unique<Mirror>(options, system_clock(), observer);
    } catch (const Error& error) {
      if (error.kind() != Kind::locked || !(polls || accepts)) throw;
      if (accepts) leave_acceptance(options.target);
      if (!polls || ask_to_poll(options.target)) return nullptr;
      if (look == k_looks || sys::stop_requested()) throw;
    }
    system_clock().sleep_for(k_look_each);
  }
}

}  // namespace

int cmd_mirror(Words words) {
  const auto arguments = Arguments::parse(mirror_usage(), words);
  if (!arguments) return 0;
  refuse_contradictions(*arguments);
  const bool verbose = arguments->has("verbose") || arguments->has("verboselog");
  if (arguments->has("loop"))
    set_verbosity_of_loop(*arguments);
  else
    set_verbosity(arguments->count("verbose"));
  const auto options = mirror_options(*arguments);
  sys::install_stop_handlers();
  sys::catch_hangups();
  VerboseObserver observer(verbose ? VerboseObserver::Output::everything : VerboseObserver::Output::nothing,
                           absolute(options.target), arguments->value("verboselog").value_or(""));
  const auto made = begin(*arguments, options, observer);
  if (!made) return 0;
  auto& mirror = *made;
  const bool talks = arguments->has("verbose") && !arguments->has("verboselog");
  if (arguments->has("loop")) {
    with_progress(*arguments, talks, [&] { mirror.run_loop(); });
  } else if (arguments->has("path")) {
    say(mirror.fetch_paths(arguments->values("path")));
  } else {
    try {
      say(with_progress(*arguments, talks, [&] { return mirror.run_once(); }));
    } catch (const Error&) {
      print_missing(mirror.last_report());
      throw;
    }
  }
  return 0;
}

}  // namespace recentd::cli
