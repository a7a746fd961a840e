#include <cstdio>
#include <optional>

#include <recentd/watch.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/setting_options.hpp"
#include "cli/writer_options.hpp"
#include "service/watchdog.hpp"
#include "settings/origin_settings.hpp"
#include "sys/process/service_manager.hpp"
#include "sys/process/signals.hpp"

namespace recentd::cli {

const Usage& watch_usage() {
  static const Usage row = {
      .command = "watch",
      .operands = "ROOT",
      .summary =
          "Follows the tree ROOT, which has an index already: what is written, moved, linked or removed\n"
          "there is registered within a second, until the command is stopped. At the start disk and index\n"
          "are compared, so nothing is missed that happened before.",
      .example = "recentd init /srv/pub && recentd watch /srv/pub",
      .options =
          with_settings(with_writer_options(
                            {{"aggregate", "S", "merge upward every so many seconds (default 60; 0: never)"},
                             writer_option("record"),
                             writer_option("http"),
                             writer_option("sig-min-size"),
                             writer_option("keep-delete-objects-forever")}),
                        settings::watch_settings())};
  return row;
}

namespace {

// Tells the service manager, and the log, or a rehearsal's reader.
class Teller : public WatchObserver {
 public:
  explicit Teller(bool dry_run) : dry_run_(dry_run) {
    if (const auto period = manager_.watchdog()) watchdog_.emplace(*period);
  }

  void ready(std::string_view method) override {
    manager_.tell(cat("READY=1\nSTATUS=follows the tree by ", method));
  }
  void registered(std::string_view path, EventType type) override {
    if (!dry_run_) return log_.debug("registered", {{"path", path}, {"type", to_string(type)}});
    std::printf("would register %s %s\n", std::string(to_string(type)).c_str(), escaped(path).c_str());
    std::fflush(stdout);
  }
  void trouble(std::string_view message) override { manager_.tell(cat("STATUS=", escaped(message))); }
  void alive() override {
    if (!watchdog_) return;
    std::vector<std::string> stuck;
    if (watchdog_->due(system_clock().steady(), {}, stuck)) manager_.tell("WATCHDOG=1");
  }
  void ends() { manager_.tell("STOPPING=1"); }

 private:
  Log log_{"watch"};
  bool dry_run_;
  sys::ServiceManager manager_;
  std::optional<service::Watchdog> watchdog_;
};

}  // namespace

int cmd_watch(Words words) {
  const auto arguments = Arguments::parse(watch_usage(), words);
  if (!arguments) return 0;
  auto writer = writer_options("watch", *arguments);
  WatchOptions options;
  options.filenameroot = arguments->value("filenameroot");
  options.aggregate = arguments->seconds("aggregate", options.aggregate);
  take_settings(*arguments, settings::watch_settings(), options);
  sys::install_stop_handlers();
  Teller teller(writer.dry_run);
  Watch(arguments->operand(0), options, writer, system_clock(), teller).run();
  teller.ends();
  return 0;
}

}  // namespace recentd::cli
