#include <recentd/error.hpp>
#include <recentd/origin.hpp>

#include "base/text.hpp"
#include "origin/writer.hpp"
#include "sys/tree/dir.hpp"
#include "tree/tree.hpp"

namespace recentd {

struct Origin::Impl {
  Writer writer;
};

Origin::Origin(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Origin::Origin(Origin&&) noexcept = default;
Origin& Origin::operator=(Origin&&) noexcept = default;
Origin::~Origin() = default;

Origin Origin::open(const std::string& tree, WriterOptions options, Clock& clock,
                    const std::optional<std::string>& filenameroot) {
  const TreeLayout layout = open_tree(tree, filenameroot);
  refuse_mirror_target(layout.root);
  if (options.on_warning) {
    for (const std::string& remark : layout.remarks) options.on_warning(remark);
  }
  Writer writer(layout.file(0), std::nullopt, std::move(options), clock);
  return Origin(std::make_unique<Impl>(Impl{std::move(writer)}));
}

Origin Origin::construct(const std::string& root, OriginSettings settings, WriterOptions options,
                         Clock& clock) {
  const std::string directory = absolute_path(root);
  const auto facts = sys::stat_path(directory);
  if (!facts || facts->type != sys::FileType::directory) {
    throw Error(Kind::missing, cat(escaped(directory), " is no directory; name the tree's root"), directory);
  }
  refuse_mirror_target(directory);
  LevelFile principal{directory, {settings.filenameroot, settings.interval, settings.serializer_suffix}};
  Writer writer(std::move(principal), std::move(settings), std::move(options), clock);
  return Origin(std::make_unique<Impl>(Impl{std::move(writer)}));
}

UpdateReport Origin::update(const UpdateRequest& request) {
  return impl_->writer.update({request});
}

UpdateReport Origin::update() {
  return impl_->writer.update({});
}

UpdateReport Origin::batch_update(const std::vector<UpdateRequest>& requests) {
  return impl_->writer.batch_update(requests);
}

UpdateReport Origin::batch_update_and_carry(const std::vector<UpdateRequest>& requests) {
  return impl_->writer.update(requests, Writer::Carry::at_once);
}

AggregateReport Origin::aggregate(bool force) {
  return impl_->writer.aggregate(force);
}

const std::string& Origin::root() const {
  return impl_->writer.principal().root;
}

std::string Origin::principal_file() const {
  return impl_->writer.principal().name.file();
}

}  // namespace recentd
