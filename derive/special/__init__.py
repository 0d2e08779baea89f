"""Cases that books derive by themselves: output pairs, softmax's Jacobian, logistic regression"""
