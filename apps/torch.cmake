# What only the executable with LibTorch needs: training and running models.
include(EmbedText)

# Pictures and labels on their way to and from a network: no LibTorch in these.
set(sources detections.cc example_picture.cc image_source.cc label_mapping.cc label_painter.cc
            letterbox.cc model_setup.cc training_pipeline.cc training_source.cc)
list(TRANSFORM sources PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
add_library(labelloom_training_app STATIC ${sources})
labelloom_embed_text(labelloom_training_app training_pipeline.json training_pipeline_json)
target_include_directories(labelloom_training_app PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(labelloom_training_app
  PUBLIC labelloom::augment labelloom::model_core labelloom::formats labelloom_opencv
  PRIVATE labelloom_images_app labelloom_rapidjson TBB::tbb fmt::fmt labelloom_flags)

# Scoring a pool of pictures, whoever asks for it.
set(sources cald_views.cc compute_lanes.cc fixed_batches.cc forward_passes.cc pool_scorer.cc score_plan.cc score_rows.cc
            window_crops.cc)
list(TRANSFORM sources PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
add_library(labelloom_scoring_app STATIC ${sources})
target_include_directories(labelloom_scoring_app PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(labelloom_scoring_app
  PUBLIC labelloom::model labelloom::select labelloom::formats
  PRIVATE TBB::tbb fmt::fmt labelloom_flags)
labelloom_precompile_torch(labelloom_scoring_app)

set(sources boxmask_arguments.cc check_model.cc correlate.cc dataset_io.cc finishers.cc picture_pool.cc predict.cc prediction_run.cc
            prediction_writer.cc remarks.cc run_report.cc score.cc simulate.cc study_facts.cc study_model.cc study_run.cc
            study_scoring.cc text_table.cc threshold.cc torch_guard.cc train.cc train_setup.cc true_losses.cc
            validation.cc)
list(TRANSFORM sources PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
add_executable(labelloom-torch torch_main.cc ${sources})
target_link_libraries(labelloom-torch PRIVATE labelloom_apps labelloom_scoring_app labelloom_study_app
  labelloom_training_app labelloom_train_report labelloom::model labelloom::evaluate labelloom::augment
  labelloom_opencv labelloom_rapidjson TBB::tbb fmt::fmt labelloom_flags)
labelloom_precompile_torch(labelloom-torch)
install(TARGETS labelloom-torch DESTINATION ${CMAKE_INSTALL_BINDIR})
