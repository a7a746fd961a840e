#include <cstdio>
#include <ctime>

#include <recentd/origin.hpp>
#include <recentd/reading.hpp>

#include "base/text.hpp"
#include "cli/options.hpp"
#include "cli/perl/rrr_options.hpp"
#include "cli/writer_options.hpp"
#include "codec/codec.hpp"
#include "recentfile/names.hpp"
#include "settings/values.hpp"

namespace recentd::cli {

const RrrUsage& rrr_update_usage() {
  using Takes = RrrOption::Takes;
  static const RrrUsage row = {
      .program = "rrr-update",
      .synopsis = "[options] principalfile file",
      .operands = 2,
      .on_error = RrrUsage::OnError::usage_on_stdout_exit_1,
      .options = {{"add", Takes::nothing, "the file is new; shows what the index knows of it"},
                  {"delete", Takes::nothing, "the file is gone; the index must know it"},
                  {"dry-run|n", Takes::nothing, "say what would be done, write nothing"},
                  {"epoch", Takes::value, "register it at this past time, then aggregate with force twice"},
                  {"verbose|v", Takes::count, "say what is registered"}}};
  return row;
}

namespace {

void dump(const char* title, const std::vector<Event>& events) {
  std::fprintf(stderr, "%s\n--- \n", title);
  for (const auto& event : events) {
    std::fprintf(stderr, "- \n  epoch: %s\n  path: %s\n  type: %s\n",
                 codec::yaml_scalar(event.epoch.text()).c_str(), codec::yaml_scalar(event.path).c_str(),
                 event.type == EventType::other ? codec::yaml_scalar(event.other_type).c_str()
                                                : std::string(to_string(event.type)).c_str());
  }
}

void announce(const char* what) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  char date[40];
  std::strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", localtime_r(&now, &parts));
  std::fprintf(stderr, "%s starting %s aggregate\n", date, what);
}

// What the index set knows of the path decides what --add and --delete do.
void look_up(const RrrArguments& arguments, const std::string& path) {
  const bool is_delete = arguments.count("delete") > 0;
  if (!is_delete && arguments.count("add") == 0) return;
  EventFilter filter;
  filter.contains.path = path;
  filter.max = 1;
  const auto found = news(arguments.operand(0), filter);
  if (is_delete && found.empty()) {
    throw Error(Kind::refused, cat("Didn't find ", quoted(arguments.operand(1)),
                                   " in this recentfile collection, giving up."));
  }
  if (!found.empty()) dump(is_delete ? "Found file:" : "Info: found file in index:", found);
}

void tell_dry_run(const std::string& root, const UpdateRequest& request) {
  const auto epoch =
      request.epoch ? cat(", epoch[", request.epoch->text(), "] and then aggregate with force twice") : "";
  std::fprintf(stderr, "Would call update on directory %s with args abs_file[%s/%s], type[%s]%s.\n",
               escaped(root).c_str(), escaped(root).c_str(), escaped(request.path).c_str(),
               std::string(to_string(request.type)).c_str(), epoch.c_str());
}

std::string path_below(const std::string& root, const std::string& file) {
  auto path = relative_to_root(root, file);
  if (!path)
    throw Error(Kind::refused, cat(quoted(file), " is not below ", quoted(root), "; nothing was done"));
  return *std::move(path);
}

}  // namespace

int rrr_update(Words words) {
  const auto parsed = RrrArguments::parse(rrr_update_usage(), words);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& arguments = std::get<RrrArguments>(parsed);
  WriterOptions options;
  options.dry_run = arguments.count("dry-run") > 0;
  options.on_warning = warnings_when_verbose("update", arguments);
  UpdateRequest request;
  if (const auto text = arguments.value("epoch")) {
    request.epoch = settings::parse_epoch("--epoch", *text);
    refuse_future(*request.epoch, system_clock());
  }
  auto origin = Origin::open(arguments.operand(0), options);
  request.path = path_below(origin.root(), arguments.operand(1));
  request.type = arguments.count("delete") > 0 ? EventType::delete_ : EventType::new_;
  look_up(arguments, request.path);
  const auto line =
      cat(escaped(request.path), " as ", to_string(request.type), " in ", escaped(origin.root()), "/",
          escaped(origin.principal_file()), request.epoch ? ", then aggregate with force twice" : "");
  if (arguments.count("verbose") > 0) std::fprintf(stderr, "Registering %s\n", line.c_str());
  if (request.epoch && !options.dry_run) {  // both run in one call: nobody aggregates in between
    announce("first");
    announce("second");
  }
  if (origin.batch_update_and_carry({request}).outside > 0) {
    throw Error(Kind::refused,
                cat(quoted(request.path),
                    " is no name for a file of the tree, or a link leads out of it; nothing was done"));
  }
  if (options.dry_run) tell_dry_run(origin.root(), request);
  return 0;
}

}  // namespace recentd::cli
