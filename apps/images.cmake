# What only the executable with OpenCV needs: augmenting, and drawing annotations over pictures.
include(EmbedText)
set(sources augment.cc view.cc view_job.cc picture.cc overlay.cc drawing.cc mask_outline.cc cutout.cc
            doubtful.cc gallery.cc)
list(TRANSFORM sources PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
add_library(labelloom_images_app STATIC ${sources})
labelloom_embed_text(labelloom_images_app gallery.html gallery_html)
labelloom_embed_text(labelloom_images_app gallery.css gallery_css)
labelloom_embed_text(labelloom_images_app gallery.js gallery_js)
labelloom_embed_text(labelloom_images_app gallery_lightbox.js gallery_lightbox_js)
labelloom_embed_text(labelloom_images_app gallery_page.js gallery_page_js)
target_include_directories(labelloom_images_app PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(labelloom_images_app
  PUBLIC labelloom::augment labelloom::formats CLI11::CLI11 labelloom_opencv
  PRIVATE labelloom_apps labelloom_rapidjson TBB::tbb fmt::fmt labelloom_flags)
