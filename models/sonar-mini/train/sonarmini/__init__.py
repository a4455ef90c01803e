"""How sonar-mini is made from nothing: grammar, tokenizer, training, export, golden values, evaluation."""
