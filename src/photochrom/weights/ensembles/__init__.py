"""Several models as one ONNX file; nothing here needs torch unless a member is a checkpoint."""
